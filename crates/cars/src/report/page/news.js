// The page of a run under way: when it will be done, looking for news without losing the place, and the start of it all.

// News of a running search. The page was written at one moment, and says when it expected to be done; only the browser
// knows what time it is now.

const seconds = Number(main.dataset.refresh);
const written = Date.parse(document.lastModified);
let held = kept.held ?? false;

function span(time) {
  const whole = Math.round(time);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor(whole / 3600) % 24} h`;
}

function tick() {
  const age = (Date.now() - written) / 1000;
  const left = $("left");
  if (left) {
    const rest = Number(left.dataset.seconds) - age;
    const end = new Date(written + 1000 * left.dataset.seconds);
    const day = end.toDateString() === new Date().toDateString() ? {} : { weekday: "short" };
    const time = end.toLocaleString([], { ...day, hour: "2-digit", minute: "2-digit" });
    left.textContent = rest > 0 ? `about ${span(rest)} left, done at about ${time}` : "about to be done";
  }
  $("silent").hidden = age < 600;
  $("silent").textContent = `Not written for ${span(age)}: if no process works on it, cars resume goes on with it.`;
}

function live() {
  const button = $("live");
  const label = () => {
    button.textContent = held ? "Paused" : "Live";
    button.title = held ? "look for news again" : `looks for news every ${seconds} s; press to pause`;
    button.setAttribute("aria-pressed", !held);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    held = !held;
    label();
  });
  label();
  if ($("silent")) {
    tick();
    setInterval(tick, 5000);
  }
  let waited = 0;
  setInterval(() => {
    waited += 1;
    const busy = held || document.hidden || dialog.open || slider?.matches(":active");
    if (waited >= seconds && !busy) location.reload();
  }, 1000);
}

// Where the focus is, in words that find it again.
function focused() {
  const at = document.activeElement;
  const part = at?.closest("[id]");
  if (!part || dialog.open) return null;
  return at.dataset.network ? `#${part.id} a[data-network="${at.dataset.network}"]` : `#${part.id}`;
}

addEventListener("pagehide", () => {
  const state = {
    generation: !data || shown === newest() ? null : data.generations[shown].number,
    opened,
    held,
    focus: focused(),
    scroll: [scrollX, scrollY],
    sideways: [...document.querySelectorAll(".wide,.scroll")].map((part) => part.scrollLeft),
  };
  keep(() => sessionStorage, place, JSON.stringify(state));
});

function restore() {
  // A generation that is no longer shown gives way to the one before it.
  if (typeof kept.generation === "number") {
    show(Math.max(0, data.generations.findLastIndex(({ number }) => number <= kept.generation)));
  }
  if (kept.sideways) document.querySelectorAll(".wide,.scroll").forEach((part, index) => (part.scrollLeft = kept.sideways[index]));
  if (kept.focus) document.querySelector(kept.focus)?.focus({ preventScroll: true });
  if (kept.scroll) scrollTo(...kept.scroll);
  if (data && member(kept.opened) >= 0) open(kept.opened);
}

try {
  theme(localStorage.getItem("cars theme") ?? "");
} catch {
  theme("");
}
$("controls").hidden = false;
// The name of a point is no tooltip of the browser's beside ours.
for (const title of document.querySelectorAll("svg a title")) {
  title.parentNode.setAttribute("aria-label", title.textContent);
  title.remove();
}
if (data) {
  slider.hidden = false;
  slider.addEventListener("input", () => show(Number(slider.value)));
  show(shown);
  document.querySelectorAll("#fit svg g").forEach(rove);
  $("volume").addEventListener("pointermove", along);
  $("volume").addEventListener("pointerleave", () => (tip.hidden = true));
  $("volume").addEventListener("click", (event) => show(nearest(event)));
  cells();
}
if (kept.scroll) history.scrollRestoration = "manual";
restore();
if (seconds) live();
