// What every page can do beyond being read: be light or dark, say what is under the pointer, and be used by keyboard. It is
// whole without this, and asks the network for nothing. `search.js` and `news.js` go on in the same scope.
"use strict";

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const main = document.querySelector("main");
const dialog = $("network");
const tip = $("tip");

// What survives a refresh. A browser that keeps nothing for files begins anew.
const place = `cars ${location.pathname}`;
const kept = (() => {
  try {
    return JSON.parse(sessionStorage.getItem(place)) ?? {};
  } catch {
    return {};
  }
})();
function keep(area, key, value) {
  try {
    area().setItem(key, value);
  } catch {}
}

function make(name, attributes, ...children) {
  return filled(document.createElement(name), attributes, children);
}

// The same, inside a drawing.
function draw(name, attributes, ...children) {
  return filled(document.createElementNS(document.querySelector("svg").namespaceURI, name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Light or dark.

const themes = { "": "as the system", light: "light", dark: "dark" };
function theme(choice) {
  document.documentElement.style.colorScheme = choice;
  $("theme").textContent = `Colours: ${themes[choice]}`;
  $("theme").dataset.choice = choice;
}
$("theme").addEventListener("click", () => {
  const names = Object.keys(themes);
  const next = names[(names.indexOf($("theme").dataset.choice) + 1) % names.length];
  theme(next);
  keep(() => localStorage, "cars theme", next);
});

// What is under the pointer, or has the focus.

function tell(event) {
  const at = event.target.closest?.("[data-network],[data-tip]");
  const network = at?.dataset.network;
  for (const part of document.querySelectorAll(".hot")) part.classList.remove("hot");
  if (network) for (const part of document.querySelectorAll(`[data-network="${network}"]`)) part.classList.add("hot");
  if (!at?.closest("svg")) return void (tip.hidden = true);
  const box = (at.querySelector("circle") ?? at).getBoundingClientRect();
  say(network ? about(Number(network), generationOf(at)) : [at.dataset.tip], box);
}

function say(parts, box) {
  tip.replaceChildren(...parts);
  tip.hidden = false;
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  const left = Math.max(8, Math.min(box.x + box.width / 2 - tip.offsetWidth / 2, room));
  const above = box.y - tip.offsetHeight - 10;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 8 ? above : box.bottom + 10}px`;
}

for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, tell);
document.addEventListener("scroll", () => (tip.hidden = true), { capture: true, passive: true });

// The points of a chart are one stop of the tab key; arrows go from one to the next.
function rove(group) {
  group.querySelectorAll("a").forEach((link, index) => link.setAttribute("tabindex", index ? -1 : 0));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") tip.hidden = true;
  const link = event.target.closest?.("svg a");
  const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
  if (!link || !step) return;
  event.preventDefault();
  const links = [...link.parentNode.querySelectorAll("a")];
  const next = links[links.indexOf(link) + step];
  if (!next) return;
  link.setAttribute("tabindex", -1);
  next.setAttribute("tabindex", 0);
  next.focus();
});
