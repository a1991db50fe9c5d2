// Where the page lies on the stage, and how large.

import { $, state, tip } from "./tools.js";

export function place() {
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

export function fit() {
  const sight = state.shown?.sight, stage = $("stage");
  if (!sight) return;
  const [width, height] = [stage.clientWidth, stage.clientHeight];
  const scale = Math.min((width - 32) / sight.width, (height - 32) / sight.height);
  state.view = { scale, x: (width - sight.width * scale) / 2, y: (height - sight.height * scale) / 2, fitted: true };
  place();
}

export function zoom(factor, left = $("stage").clientWidth / 2, top = $("stage").clientHeight / 2) {
  const { x, y, scale } = state.view;
  const next = Math.min(Math.max(scale * factor, 0.05), 24);
  state.view = { scale: next, x: left - ((left - x) * next) / scale, y: top - ((top - y) * next) / scale, fitted: false };
  place();
}

export function hold(event) {
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
