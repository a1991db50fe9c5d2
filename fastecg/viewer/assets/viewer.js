// The page of `fastecg view`: shows one page at a time, asks this machine's server for it, and nobody else.

const $ = (id) => document.getElementById(id);
const NS = "http://www.w3.org/2000/svg";
const REACH_PX = 22; // of the pointer, on the screen
const KEPT = 4; // pages held at a time: the one shown, its neighbours, and the one before
const PARTS = [
  ["background", null], ["paper", null], ["grid", [0, 130, 190]], ["separator", [150, 90, 0]],
  ["text", [122, 79, 208]], ["calibration pulse", [194, 24, 91]], ["handwriting", [0, 68, 238]], ["trace", [214, 40, 30]],
];
const LAYERS = [
  { id: "traces", label: "Traces", on: true },
  { id: "boxes", label: "Boxes", hue: "#0a8f5c", on: true },
  { id: "names", label: "Lead names", hue: "#d06a00", on: true },
  { id: "texts", label: "Texts", hue: "#7a4fd0", on: false },
  { id: "pulses", label: "Pulses, separators", hue: "#c2185b", on: false },
  { id: "grid", label: "Grid", hue: "#0079a8", on: false },
  { id: "handwriting", label: "Handwriting", hue: "#0044ee", on: false },
  { id: "leads", label: "Mask of leads", mask: true, on: false },
  { id: "parts", label: "Mask of parts", mask: true, on: false },
];

const state = {
  pages: 0, number: 0, found: null, // found: numbers of the pages that pass the filter, or null for all
  shown: null, // what is on the stage: { sight, image }
  search: 0,
  turn: 0, // of what was asked for last: late answers are dropped
  view: { x: 0, y: 0, scale: 1, fitted: true },
  reading: null, // { lead, k }
  picked: null, // number of the lead that was chosen
};
const kept = new Map();

// ---- asking the server

async function ask(path) {
  const answer = await fetch(path).catch(() => null);
  if (answer === null) throw new Error("fastecg view has ended: start it again and reload this page");
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.error ?? `the server says ${answer.status}`);
}

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

const hue = (k) => `oklch(0.58 0.2 ${(25 + k * 137.5) % 360})`;

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "g", "circle"].includes(tag);
  const one = svg ? document.createElementNS(NS, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  one.append(...children);
  return one;
}

function swatch(color) {
  const one = make("span", { class: "swatch" });
  one.style.setProperty("--hue", color);
  return one;
}

const line = (points) => points && points.length ? "M" + points.map(([x, y]) => `${x} ${y}`).join("L") : "";
const ring = (quad) => (quad ? `${line(quad)}Z` : "");

function traced([xs, ys]) {
  let path = "", pen = "M";
  for (let k = 0; k < xs.length; k++) {
    if (ys[k] === null) { pen = "M"; continue; }
    path += `${pen}${xs[k]} ${ys[k]}`;
    pen = "L";
  }
  return path;
}

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

async function labelsOf(path) {
  const blob = await ask(path).then((answer) => answer.blob());
  return createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
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

function maskColors(id, sight) {
  if (id === "parts") return PARTS.map(([, color]) => color);
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  return [null, ...sight.leads.map((_, k) => {
    brush.fillStyle = hue(k);
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  })];
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

function inside(quad, x, y) {
  let within = false;
  for (let a = 0, b = quad.length - 1; a < quad.length; b = a++) {
    const [xa, ya] = quad[a], [xb, yb] = quad[b];
    if (ya > y !== yb > y && x < ((xb - xa) * (y - ya)) / (yb - ya) + xa) within = !within;
  }
  return within;
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

function tip(x, y, ...children) {
  const one = $("tip");
  one.hidden = children.length === 0;
  if (!children.length) return;
  one.replaceChildren(...children);
  const stage = $("stage").getBoundingClientRect(), size = one.getBoundingClientRect();
  const left = x + 16 + size.width > stage.width ? x - 16 - size.width : x + 16;
  const top = y + 18 + size.height > stage.height ? y - 14 - size.height : y + 18;
  one.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
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

// ---- zooming

function place() {
  const { x, y, scale } = state.view, sight = state.shown?.sight;
  if (!sight) return;
  const sheet = $("sheet");
  sheet.style.transform = `translate(${x}px, ${y}px)`;
  sheet.style.width = `${sight.width * scale}px`;
  sheet.style.height = `${sight.height * scale}px`;
  sheet.classList.toggle("large", scale * devicePixelRatio >= 2);
  $("scale").textContent = `${Math.round(scale * 100)} %`;
  for (const dot of document.querySelectorAll("#marker circle")) dot.setAttribute("r", 5 / scale);
}

function fit() {
  const sight = state.shown?.sight, stage = $("stage");
  if (!sight) return;
  const [width, height] = [stage.clientWidth, stage.clientHeight];
  const scale = Math.min((width - 32) / sight.width, (height - 32) / sight.height);
  state.view = { scale, x: (width - sight.width * scale) / 2, y: (height - sight.height * scale) / 2, fitted: true };
  place();
}

function zoom(factor, left = $("stage").clientWidth / 2, top = $("stage").clientHeight / 2) {
  const { x, y, scale } = state.view;
  const next = Math.min(Math.max(scale * factor, 0.05), 24);
  state.view = { scale: next, x: left - ((left - x) * next) / scale, y: top - ((top - y) * next) / scale, fitted: false };
  place();
}

function hold(event) {
  if (event.button !== 0 || event.target.closest(".failure")) return;
  const stage = $("stage"), from = { ...state.view }, [x0, y0] = [event.clientX, event.clientY];
  const move = (moved) => {
    if (Math.hypot(moved.clientX - x0, moved.clientY - y0) < 3 && state.view.x === from.x) return;
    stage.classList.add("held");
    tip(0, 0);
    state.view = { ...from, x: from.x + moved.clientX - x0, y: from.y + moved.clientY - y0, fitted: false };
    place();
  };
  const release = () => {
    stage.classList.remove("held");
    removeEventListener("pointermove", move);
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", release, { once: true });
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
