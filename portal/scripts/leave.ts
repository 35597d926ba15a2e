// The quick exit, on every page: the page goes blank first, then another site takes its place in the history.

const EXIT = 'a[href$="/exit"]';
const PRESSES = 3;
const WITHIN = 2000;

function leave(): void {
  const target = document.querySelector<HTMLAnchorElement>(EXIT)?.href;
  document.documentElement.replaceChildren();
  if (target) location.replace(target);
}

let presses: number[] = [];

addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest(EXIT)) return;
  event.preventDefault();
  leave();
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat) return;
  presses = [...presses, event.timeStamp].slice(-PRESSES);
  if (presses.length === PRESSES && event.timeStamp - presses[0]! <= WITHIN) leave();
});

export {};
