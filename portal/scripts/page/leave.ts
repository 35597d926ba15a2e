// The quick exit, on every page: the page goes blank, its places in the history are walked back over, and another site is
// opened by an ordinary navigation, which takes away what was ahead. Back leads to the site's empty first page.

import { placesBefore } from "./places.js";

const EXIT = 'a[href$="/exit"]';
const PRESSES = 3;
const WITHIN = 2000;
const KEYS = ["Shift", "Escape"];
/** What a browser says for each key that an input method takes. */
const UNTOLD = 229;
/** Milliseconds after a composition in which a key may still belong to it. */
const SETTLED = 500;
/** Milliseconds to wait for the history before leaving all the same. */
const PATIENCE = 400;

let isLeaving = false;

function leave(): void {
  const link = document.querySelector<HTMLAnchorElement>(EXIT);
  if (!link || isLeaving) return;
  isLeaving = true;
  const target = link.href;
  // The main part first: other scripts look there to see that nothing is held any more.
  document.getElementById("main")?.replaceChildren();
  document.documentElement.replaceChildren();
  let isGone = false;
  const go = () => {
    if (isGone) return;
    isGone = true;
    // Also what a form was answered with is not asked for again.
    history.replaceState(null, "", new URL("./", target));
    location.assign(target);
  };
  const places = placesBefore();
  if (!places) return go();
  addEventListener("popstate", go);
  setTimeout(go, PATIENCE);
  history.go(-places);
}

let pressed = "";
let presses: number[] = [];
let composed = -Infinity;
let forgetting = 0;

function show(count: number): void {
  const counter = document.querySelector<HTMLElement>(".presses");
  if (counter) counter.textContent = count ? counter.dataset["count"]!.replace("{}", String(count)) : "";
}

function forget(): void {
  presses = [];
  show(0);
}

addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest(EXIT)) return;
  event.preventDefault();
  leave();
});

// A page that the browser kept as it was left is blank: begin anew.
addEventListener("pageshow", (event) => {
  if (event.persisted && isLeaving) location.reload();
});

addEventListener("compositionend", (event) => (composed = event.timeStamp));

addEventListener("keydown", (event) => {
  if (event.repeat) return;
  // Esc undoes a conversion while Japanese is typed. Some browsers end the composition before they tell of the key.
  const isTyping = event.isComposing || event.keyCode === UNTOLD || event.timeStamp - composed < SETTLED;
  if (isTyping || !KEYS.includes(event.key)) {
    forget();
    return;
  }
  if (event.key !== pressed) presses = [];
  pressed = event.key;
  presses = [...presses.filter((at) => event.timeStamp - at <= WITHIN), event.timeStamp];
  if (presses.length >= PRESSES) {
    leave();
    return;
  }
  show(presses.length);
  clearTimeout(forgetting);
  forgetting = setTimeout(forget, WITHIN);
});
