// The page of `fastecg view`: shows one page at a time, asks this machine's server for it, and nobody else.

import { $, LAYERS, PARTS, ask, hue, inside, labelsOf, line, make, maskColors, ring, state, swatch, tip, traced } from "./tools.js";
import { fit, hold, place, zoom } from "./zoom.js";

const REACH_PX = 22; // of the pointer, on the screen
const KEPT = 4; // pages held at a time: the one shown, its neighbours, and the one before

const kept = new Map();

// ---- asking the server

function fetchPage(number) {
  if (!kept.has(number)) kept.set(number, loadPage(number));
  const page = kept.get(number);
  kept.delete(number);
  kept.set(number, page); // the last one asked for comes last
  while (kept.size > KEPT) {
    const [oldest, left] = kept.entries().next().value;
    kept.delete(oldest);
    left.then((one) => one.url !== state.shown?.url && URL.revokeObjectURL(one.url), () => {});
  }
  return page;
}

async function loadPage(number) {
  const [sight, picture] = await Promise.all([
    ask(`page/${number}/sight`).then((answer) => answer.json()),
    ask(`page/${number}/image`).then((answer) => answer.blob()),
  ]);
  return { sight, url: URL.createObjectURL(picture) };
}

// ---- stepping

function order() { return state.found ?? { length: state.pages }; }
function placeOf(number) { return state.found ? state.found.indexOf(number) : number; }
function numberAt(place) { return state.found ? state.found[place] : place; }

function step(by) {
  const last = order().length - 1;
  if (last < 0) return;
  const here = placeOf(state.number);
  const place = here < 0 ? 0 : Math.min(Math.max(here + by, 0), last);
  if (numberAt(place) !== state.number || here < 0) show(numberAt(place));
}

async function show(number, { again = false } = {}) {
  state.number = number;
  const turn = ++state.turn;
  drawPlace();
  history.replaceState(null, "", `#page=${number + 1}`);
  $("stage").classList.add("busy");
  try {
    const page = await fetchPage(number);
    if (turn !== state.turn) return;
    const image = $("image");
    image.src = page.url;
    await image.decode();
    if (turn !== state.turn) return;
    const same = state.shown && state.shown.sight.width === page.sight.width && state.shown.sight.height === page.sight.height;
    state.shown = page;
    fail(null);
    drawPage(page.sight);
    if (!same || state.view.fitted || again) fit(); else place();
    for (const by of [1, -1]) { // so that the next step is at once
      const near = numberAt(placeOf(number) + by);
      if (placeOf(number) >= 0 && near >= 0 && near < state.pages) fetchPage(near).catch(() => {});
    }
  } catch (error) {
    if (turn !== state.turn) return;
    kept.delete(number);
    state.shown = null;
    clear();
    fail(error.message);
  } finally {
    if (turn === state.turn) {
      $("stage").classList.remove("busy");
      document.documentElement.dataset.page = String(number + 1); // tells tests that it is there
    }
  }
}

function fail(message) {
  $("failure").hidden = message === null;
  $("failure").textContent = message ?? "";
  $("sheet").hidden = message !== null;
}

function clear() {
  $("truth").replaceChildren();
  for (const id of ["leads", "facts", "texts"]) $(id).replaceChildren();
  $("texts-count").textContent = "";
  $("mask").hidden = true;
  $("name").textContent = `Page ${state.number + 1}`;
  state.picked = null;
  read(null);
}

function drawPlace() {
  const place = placeOf(state.number), all = order().length;
  $("place").value = place < 0 ? "" : (place + 1).toLocaleString("en");
  $("count").textContent = state.found ? `of ${all.toLocaleString("en")} found` : `of ${all.toLocaleString("en")}`;
  $("previous").disabled = place <= 0;
  $("next").disabled = all === 0 || (place >= 0 && place >= all - 1);
}

// ---- drawing a page's truth

function drawPage(sight) {
  document.title = `${sight.name} – fastecg view`;
  $("image").alt = `Page ${sight.name}`;
  $("name").textContent = sight.name;
  const svg = $("truth");
  svg.setAttribute("viewBox", `0 0 ${sight.width} ${sight.height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  const path = (kind, d) => make("path", { class: kind, d });
  const layer = (id, ...children) => make("g", { id: `layer-${id}` }, ...children);
  const boxes = sight.leads.map((lead, k) => tagged(path("box", ring(lead.quad)), k));
  const traces = sight.leads.map((lead, k) => tagged(path("trace", traced(lead.trace)), k));
  svg.replaceChildren(
    layer("grid", path("minor", sight.grid.minor.map(line).join("")), path("major", sight.grid.major.map(line).join(""))),
    layer("boxes", ...boxes, path("baseline", sight.leads.map((lead) => line(lead.baseline)).join(""))),
    layer("names", path("lead-name", sight.leads.map((lead) => ring(lead.name_quad)).join(""))),
    layer("texts", path("text", sight.texts.filter((one) => one.kind !== "lead_name").map((one) => ring(one.quad)).join(""))),
    layer("pulses", path("pulse", [...sight.pulses.map((one) => one.points), ...sight.separators].map(line).join(""))),
    layer("handwriting",
      path("pen-box", sight.handwriting.map((one) => ring(one.quad)).join("")),
      path("pen", sight.handwriting.flatMap((one) => one.strokes).map((stroke) => line(stroke.length === 1 ? [...stroke, ...stroke] : stroke)).join(""))),
    layer("traces", ...traces),
    make("g", { id: "marker" }),
  );
  drawLeads(sight);
  drawFacts(sight);
  state.picked = null;
  svg.classList.remove("picking");
  read(null);
  drawLayers();
}

function tagged(one, k) {
  one.style.setProperty("--hue", hue(k));
  one.dataset.lead = k;
  return one;
}

function drawLeads(sight) {
  $("leads").replaceChildren(...sight.leads.map((lead, k) => {
    const title = lead.kind === "rhythm" ? `Rhythm strip of ${lead.name}` : `Lead ${lead.name}`;
    const button = make("button", { type: "button", title, "aria-pressed": "false", "aria-label": title }, swatch(hue(k)), lead.name + (lead.kind === "rhythm" ? " →" : ""));
    button.addEventListener("click", () => pick(state.picked === k ? null : k));
    return button;
  }));
}

function drawFacts(sight) {
  $("facts").replaceChildren(...sight.facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  const texts = [...sight.texts, ...sight.handwriting];
  $("texts-count").textContent = `(${texts.length})`;
  $("texts").replaceChildren(...texts.map((one) => make("li", {}, make("span", {}, one.kind.replaceAll("_", " ")), one.text || "–")));
}

function pick(k) {
  state.picked = k;
  [...$("leads").children].forEach((one, at) => one.setAttribute("aria-pressed", String(at === k)));
  $("truth").classList.toggle("picking", k !== null);
  for (const one of $("truth").querySelectorAll("[data-lead]")) one.classList.toggle("picked", Number(one.dataset.lead) === k);
  if (k !== null) nudge(0);
}

// ---- layers and masks

function makeLayers() {
  const saved = JSON.parse(sessionStorage.getItem("layers") ?? "{}");
  $("layers").replaceChildren(...LAYERS.map((layer, k) => {
    layer.on = saved[layer.id] ?? layer.on;
    const box = make("input", { type: "checkbox", id: `show-${layer.id}` });
    box.checked = layer.on;
    box.addEventListener("change", () => toggle(layer, box.checked));
    layer.box = box;
    layer.note = make("small");
    return make("label", {}, box, swatch(layer.hue ?? "conic-gradient(#d6281e, #0a8f5c, #0079a8, #d6281e)"), make("span", {}, layer.label, " ", layer.note), make("kbd", {}, String(k + 1)));
  }));
}

function toggle(layer, on) {
  layer.on = on;
  if (on && layer.mask) for (const other of LAYERS) if (other.mask && other !== layer) other.on = false;
  sessionStorage.setItem("layers", JSON.stringify(Object.fromEntries(LAYERS.map((one) => [one.id, one.on]))));
  drawLayers();
}

function drawLayers() {
  const sight = state.shown?.sight;
  for (const layer of LAYERS) {
    const there = !sight || !layer.mask || sight.masks.includes(layer.id);
    layer.box.checked = layer.on && there;
    layer.box.disabled = !there;
    layer.note.textContent = there ? "" : "not in this dataset";
    const group = layer.mask ? null : document.getElementById(`layer-${layer.id}`);
    if (group) group.style.display = layer.on ? "" : "none";
  }
  drawMask();
}

async function drawMask() {
  const sight = state.shown?.sight, canvas = $("mask");
  const layer = LAYERS.find((one) => one.mask && one.on && sight?.masks.includes(one.id));
  const turn = state.turn;
  drawLegend(layer);
  canvas.hidden = true;
  if (!layer) return;
  const labels = await labelsOf(`page/${sight.number}/${layer.id}`).catch((error) => error.message);
  if (turn !== state.turn || !layer.on) return;
  if (typeof labels === "string") {
    layer.note.textContent = labels;
    return;
  }
  canvas.width = labels.width;
  canvas.height = labels.height;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.drawImage(labels, 0, 0);
  const pixels = brush.getImageData(0, 0, canvas.width, canvas.height);
  const colors = maskColors(layer.id, sight);
  for (let k = 0; k < pixels.data.length; k += 4) {
    const color = colors[pixels.data[k]];
    if (color) pixels.data.set([color[0], color[1], color[2], 255], k);
    else pixels.data[k + 3] = 0;
  }
  brush.putImageData(pixels, 0, 0);
  canvas.hidden = false;
}

function drawLegend(layer) {
  $("legend").hidden = layer?.id !== "parts";
  if (layer?.id === "parts") $("legend").replaceChildren(...PARTS.filter(([, color]) => color).map(([name, color]) => make("span", {}, swatch(`rgb(${color})`), name)));
}

// ---- reading values

function nearest(x, y, reach) {
  let best = null, least = reach * reach;
  state.shown.sight.leads.forEach((lead, number) => {
    if (state.picked !== null && state.picked !== number) return;
    const [xs, ys] = lead.trace;
    for (let k = 0; k < xs.length; k++) {
      if (ys[k] === null) continue;
      const far = (xs[k] - x) ** 2 + (ys[k] - y) ** 2;
      if (far < least) { least = far; best = { lead: number, k }; }
    }
  });
  return best;
}

function values({ lead: number, k }) {
  const lead = state.shown.sight.leads[number], sample = lead.first + k;
  return {
    name: lead.name + (lead.kind === "rhythm" ? " (rhythm)" : ""),
    time: `${(sample / lead.rate_hz).toFixed(3)} s`,
    mv: lead.mv === null ? "? mV" : `${lead.mv[k].toFixed(3).replace("-", "−")} mV`,
    sample, x: lead.trace[0][k], y: lead.trace[1][k], color: hue(number),
  };
}

function read(reading) {
  state.reading = reading;
  const marker = document.getElementById("marker");
  marker?.replaceChildren();
  if (!reading) {
    $("reading").replaceChildren(make("p", {}, "Point at a trace to read lead, time and voltage, or at a text to see what it says."));
    return;
  }
  const told = values(reading);
  const value = (text, small) => make("span", {}, make("b", {}, text.split(" ")[0]), ` ${text.split(" ")[1]}`, make("br"), make("small", {}, small));
  $("reading").replaceChildren(
    make("div", { class: "lead" }, swatch(told.color), told.name),
    make("div", { class: "values" }, value(told.time, `sample ${told.sample.toLocaleString("en")}`), value(told.mv, `x ${told.x.toFixed(1)}, y ${told.y.toFixed(1)} px`)),
  );
  const radius = 5 / state.view.scale;
  for (const kind of ["ring", "dot"]) {
    const dot = make("circle", { class: kind, cx: told.x, cy: told.y, r: radius });
    dot.style.setProperty("--hue", told.color);
    marker?.append(dot);
  }
}

function point(event) {
  if (!state.shown) return;
  const stage = $("stage").getBoundingClientRect();
  const [left, top] = [event.clientX - stage.left, event.clientY - stage.top];
  const { x, y, scale } = state.view;
  const [px, py] = [(left - x) / scale, (top - y) / scale];
  const found = nearest(px, py, REACH_PX / scale);
  const sight = state.shown.sight;
  const text = [...sight.handwriting, ...sight.texts].find((one) => one.quad && inside(one.quad, px, py));
  if (found) {
    read(found);
    const told = values(found);
    tip(left, top, make("b", {}, told.name), `${told.time}\u2002${told.mv}`);
  } else if (text) {
    tip(left, top, make("i", {}, text.kind.replaceAll("_", " ")), text.text);
  } else tip(left, top);
}

function nudge(by) {
  if (!state.shown?.sight.leads.length) return;
  let lead = state.picked ?? state.reading?.lead ?? 0;
  const ys = state.shown.sight.leads[lead].trace[1];
  let k = state.reading?.lead === lead ? state.reading.k + by : by < 0 ? ys.length - 1 : 0;
  const way = by < 0 ? -1 : 1;
  while (k >= 0 && k < ys.length && ys[k] === null) k += way; // over gaps
  if (k >= 0 && k < ys.length) read({ lead, k });
}

// ---- what the user does

async function filter() {
  const [text, recipe] = [$("text").value.trim(), $("recipe").value];
  const search = ++state.search;
  try {
    const found = text || recipe ? await ask(`find?${new URLSearchParams({ text, recipe })}`).then((answer) => answer.json()) : null;
    if (search !== state.search) return;
    state.found = found;
  } catch (error) {
    fail(error.message);
    return;
  }
  if (state.found?.length && placeOf(state.number) < 0) await show(state.found[0]);
  else drawPlace();
  document.documentElement.dataset.found = String(order().length);
}

function jump() {
  const wanted = Number.parseInt($("place").value.replaceAll(/[^0-9]/g, ""), 10);
  const last = order().length;
  if (wanted >= 1 && last) show(numberAt(Math.min(wanted, last) - 1));
  else drawPlace();
}

const KEYS = {
  ArrowLeft: () => step(-1), ArrowRight: () => step(1), PageUp: () => step(-10), PageDown: () => step(10),
  Home: () => step(-Infinity), End: () => step(Infinity),
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: () => fit(),
  ",": () => nudge(-1), ".": () => nudge(1), "<": () => nudge(-25), ">": () => nudge(25),
  g: () => $("place").select(), "/": () => $("text").select(), Escape: () => pick(null),
};

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), select")) {
    if (event.key === "Escape") $("stage").focus();
    return;
  }
  const layer = /^[1-9]$/.test(event.key) ? LAYERS[Number(event.key) - 1] : null;
  const act = layer ? () => layer.box.disabled || toggle(layer, !layer.on) : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function listen() {
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("place").addEventListener("change", jump);
  $("place").addEventListener("keydown", (event) => event.key === "Enter" && jump());
  $("place").addEventListener("focus", () => $("place").select());
  let waiting = 0;
  $("text").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 200); });
  $("recipe").addEventListener("change", filter);
  $("filter").addEventListener("submit", (event) => { event.preventDefault(); filter(); });
  $("larger").addEventListener("click", () => zoom(1.25));
  $("smaller").addEventListener("click", () => zoom(0.8));
  $("fit").addEventListener("click", fit);
  const stage = $("stage");
  stage.addEventListener("pointerdown", hold);
  stage.addEventListener("pointermove", (event) => stage.classList.contains("held") || point(event));
  stage.addEventListener("pointerleave", () => tip(0, 0));
  stage.addEventListener("dblclick", (event) => {
    const box = stage.getBoundingClientRect();
    zoom(2, event.clientX - box.left, event.clientY - box.top);
  });
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  new ResizeObserver(() => (state.view.fitted ? fit() : place())).observe(stage);
  addEventListener("keydown", press);
  addEventListener("hashchange", () => show(asked() ?? state.number));
}

function asked() {
  const found = /^#page=(\d+)$/.exec(location.hash);
  const number = found ? Number(found[1]) - 1 : -1;
  return number >= 0 && number < state.pages ? number : null;
}

async function recipes() {
  const names = await ask("recipes").then((answer) => answer.json());
  $("recipe").append(...names.map((name) => make("option", { value: name }, name)));
  $("recipe").disabled = names.length < 2;
}

async function start() {
  makeLayers();
  listen();
  read(null);
  try {
    const told = await ask("dataset").then((answer) => answer.json());
    $("title").textContent = told.title;
    state.pages = told.pages;
    await show(asked() ?? told.first);
    await recipes();
  } catch (error) {
    fail(error.message);
  }
}

start();
