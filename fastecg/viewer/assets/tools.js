// What the page of `fastecg view` is made with: what is shown, and small tools that know no more than they are told.

export const $ = (id) => document.getElementById(id);

export const state = {
  pages: 0, number: 0, found: null, // found: numbers of the pages that pass the filter, or null for all
  shown: null, // what is on the stage: { sight, image }
  search: 0,
  turn: 0, // of what was asked for last: late answers are dropped
  view: { x: 0, y: 0, scale: 1, fitted: true },
  reading: null, // { lead, k }
  picked: null, // number of the lead that was chosen
};
const NS = "http://www.w3.org/2000/svg";

export const PARTS = [
  ["background", null], ["paper", null], ["grid", [0, 130, 190]], ["separator", [150, 90, 0]],
  ["text", [122, 79, 208]], ["calibration pulse", [194, 24, 91]], ["handwriting", [0, 68, 238]], ["trace", [214, 40, 30]],
];
export const LAYERS = [
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

// ---- asking the server

export async function ask(path) {
  const answer = await fetch(path).catch(() => null);
  if (answer === null) throw new Error("fastecg view has ended: start it again and reload this page");
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.error ?? `the server says ${answer.status}`);
}

export async function labelsOf(path) {
  const blob = await ask(path).then((answer) => answer.blob());
  return createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
}

// ---- making elements and paths

export const hue = (k) => `oklch(0.58 0.2 ${(25 + k * 137.5) % 360})`;

export function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "g", "circle"].includes(tag);
  const one = svg ? document.createElementNS(NS, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  one.append(...children);
  return one;
}

export function swatch(color) {
  const one = make("span", { class: "swatch" });
  one.style.setProperty("--hue", color);
  return one;
}

export const line = (points) => points && points.length ? "M" + points.map(([x, y]) => `${x} ${y}`).join("L") : "";
export const ring = (quad) => (quad ? `${line(quad)}Z` : "");

export function traced([xs, ys]) {
  let path = "", pen = "M";
  for (let k = 0; k < xs.length; k++) {
    if (ys[k] === null) { pen = "M"; continue; }
    path += `${pen}${xs[k]} ${ys[k]}`;
    pen = "L";
  }
  return path;
}

export function maskColors(id, sight) {
  if (id === "parts") return PARTS.map(([, color]) => color);
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  return [null, ...sight.leads.map((_, k) => {
    brush.fillStyle = hue(k);
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  })];
}

// ---- looking

export function inside(quad, x, y) {
  let within = false;
  for (let a = 0, b = quad.length - 1; a < quad.length; b = a++) {
    const [xa, ya] = quad[a], [xb, yb] = quad[b];
    if (ya > y !== yb > y && x < ((xb - xa) * (y - ya)) / (yb - ya) + xa) within = !within;
  }
  return within;
}

export function tip(x, y, ...children) {
  const one = $("tip");
  one.hidden = children.length === 0;
  if (!children.length) return;
  one.replaceChildren(...children);
  const stage = $("stage").getBoundingClientRect(), size = one.getBoundingClientRect();
  const left = x + 16 + size.width > stage.width ? x - 16 - size.width : x + 16;
  const top = y + 18 + size.height > stage.height ? y - 14 - size.height : y + 18;
  one.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}
