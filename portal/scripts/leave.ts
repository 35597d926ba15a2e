// The quick exit, on every page: the page goes blank first, then another site takes its place in the history.

const EXIT = 'a[href$="/exit"]';
const PRESSES = 3;
const WITHIN = 2000;
/** What a browser says for each key that an input method takes. */
const UNTOLD = 229;
/** Milliseconds after a composition in which Esc may still belong to it. */
const SETTLED = 500;

function leave(): void {
  const target = document.querySelector<HTMLAnchorElement>(EXIT)?.href;
  document.documentElement.replaceChildren();
  if (target) location.replace(target);
}

let presses: number[] = [];
let composed = -Infinity;

addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest(EXIT)) return;
  event.preventDefault();
  leave();
});

addEventListener("compositionend", (event) => (composed = event.timeStamp));

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat) return;
  // Esc undoes a conversion while Japanese is typed. Some browsers end the composition before they tell of the key.
  if (event.isComposing || event.keyCode === UNTOLD || event.timeStamp - composed < SETTLED) {
    presses = [];
    return;
  }
  presses = [...presses, event.timeStamp].slice(-PRESSES);
  if (presses.length === PRESSES && event.timeStamp - presses[0]! <= WITHIN) leave();
});

export {};
