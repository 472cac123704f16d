// The page of a search: its generations by slider, and the cells of the networks on a front. Places and texts come from the
// page; nothing is scaled or formatted here.

// Generations.

const slider = $("slider");
let shown = data ? data.generations.length - 1 : 0;
const front = (generation = shown) => data.generations[generation].front;
const member = (network, generation = shown) => front(generation).findIndex(([id]) => id === network);
const newest = () => data.generations.length - 1;

// The generation that a point or a row belongs to: what was measured is the last front.
const generationOf = (at) => (at.closest("#fit") ? newest() : shown);

function show(index) {
  shown = index;
  const generation = data.generations[index];
  slider.value = index;
  slider.setAttribute("aria-valuetext", `generation ${generation.number}`);
  $("number").textContent = generation.number;
  $("summary").textContent = generation.summary;
  for (const part of document.querySelectorAll("[data-generation]")) {
    const of = Number(part.dataset.generation);
    part.classList.toggle("later", of > index);
    part.classList.toggle("current", of === index && part.classList.contains("dots"));
  }
  document.querySelectorAll(".scatter .now").forEach((group, chart) => points(group, chart, generation));
  rows(generation);
  const dot = document.querySelector("#volume .newest");
  [dot.cx.baseVal.value, dot.cy.baseVal.value] = generation.volume;
  document.querySelectorAll("#sizes .bar").forEach((bar, which) => bar.setAttribute("d", generation.bars[which]));
  document.querySelectorAll("#operations tr").forEach((row, which) => {
    row.querySelector("i").style.setProperty("--share", generation.operations[which]);
    row.querySelector("span").textContent = generation.operations[which];
  });
  $("collapsed").hidden = !generation.collapsed;
}

function points(group, chart, generation) {
  const labels = [];
  const parts = [draw("path", { class: "border", d: generation.borders[chart] })];
  generation.front.forEach(([id, y, accuracy], index) => {
    const x = data.networks[id].x[chart];
    const link = draw(
      "a",
      { href: `#n${index + 1}`, "data-network": id, "aria-label": told(index + 1, id, accuracy) },
      draw("path", { class: "hit", d: `M${x} ${y}h0` }),
      draw("circle", { class: "front", cx: x, cy: y, r: 5 }),
    );
    parts.push(link);
    if (labels.every(([left, top]) => Math.abs(x - left) > 16 || Math.abs(y - top) > 14)) {
      labels.push([x, y]);
      const at = { x: tenth(x - 8), y: tenth(y - 8) };
      parts.push(draw("text", { class: "number", ...at }, `${index + 1}`));
    }
  });
  group.replaceChildren(...parts);
  rove(group);
}

const tenth = (value) => Math.round(10 * value) / 10;

function told(number, id, accuracy) {
  const figures = data.columns.map((column, index) => `${column} ${data.networks[id].figures[index]}`);
  return `network ${number}: accuracy ${accuracy}, ${figures.join(", ")}`;
}

function rows(generation) {
  const made = generation.front.map(([id, , accuracy], index) => {
    const network = data.networks[id];
    const link = make("a", { href: `#n${index + 1}`, "data-network": id }, `${index + 1}`);
    const cells = [accuracy, ...network.figures].map((text) => make("td", {}, text));
    return make("tr", { "data-network": id }, make("td", {}, link), ...cells, make("td", { class: "text" }, mix(network.mix)));
  });
  document.querySelector("#front tbody").replaceChildren(...made);
}

function mix(parts) {
  if (typeof parts === "string") return parts;
  const bar = make("span", { class: "mix" });
  parts.forEach((count, index) => {
    const [family, name] = data.families[index];
    if (count) bar.append(make("i", { class: family, style: `flex-grow:${count}`, title: `${count} ${name}` }));
  });
  return bar;
}

// What a pointer is told of a network.
function about(network, generation) {
  const index = member(network, generation);
  const { figures, origin } = data.networks[network];
  const list = make("dl", {});
  data.columns.forEach((column, which) => list.append(make("dt", {}, column), make("dd", {}, figures[which])));
  list.append(make("dt", {}, "Origin"), make("dd", {}, origin));
  return [make("b", {}, `${index + 1}`), ` ${front(generation)[index][2]}`, list];
}

// The curve of hypervolume: the nearest generation is told, and a click goes there.
function nearest(event) {
  const svg = $("volume").querySelector("svg");
  const { x } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  const distance = ({ volume }) => Math.abs(volume[0] - x);
  return data.generations.reduce((best, one, index, all) => (distance(one) < distance(all[best]) ? index : best), 0);
}

function along(event) {
  const { number, summary } = data.generations[nearest(event)];
  say([make("b", {}, `${number}`), ` ${summary}`], { x: event.clientX, y: event.clientY, width: 0, bottom: event.clientY });
}

// Cells.

let opened = null;
function open(network, generation = shown) {
  if (generation !== shown) show(generation);
  const index = member(network);
  const { figures, origin, cells } = data.networks[network];
  const [, , accuracy] = front()[index];
  opened = network;
  $("network-name").replaceChildren(make("b", {}, `${index + 1}`), ` ${accuracy} `, make("span", {}, `generation ${data.generations[shown].number}`));
  const parts = [...data.columns.map((column, which) => [column, figures[which]]), ["Origin", origin]];
  $("network-figures").replaceChildren(
    ...parts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
  );
  const card = document.querySelector(`article[data-network="${network}"]`);
  if (cells) $("network-cells").innerHTML = cells;
  else if (card) $("network-cells").replaceChildren(...[...card.children].slice(1).map((part) => part.cloneNode(true)));
  else $("network-cells").textContent = `The cells of the newest ${data.drawings} networks are drawn here; those of this one are in journal.jsonl, individual ${network}.`;
  $("smaller").disabled = index === 0;
  $("larger").disabled = index + 1 === front().length;
  tip.hidden = true;
  if (!dialog.open) dialog.showModal();
}

const beside = (step) => {
  const next = front()[member(opened) + step];
  if (next) open(next[0]);
};

function cells() {
  document.addEventListener("click", (event) => {
    const at = event.target.closest("[data-network]");
    const modified = event.ctrlKey || event.metaKey || event.shiftKey;
    const reads = event.target.closest("article,dialog") || !getSelection().isCollapsed;
    if (!at || modified || reads) return;
    event.preventDefault();
    open(Number(at.dataset.network), generationOf(at));
  });
  $("smaller").addEventListener("click", () => beside(-1));
  $("larger").addEventListener("click", () => beside(1));
  $("shut").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => (opened = null));
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) beside(step);
  });
}
