// How far this page has gone in the history since it was opened: steps, the receipt, links inside the page. The number is
// in the history's own state, with nothing of what was typed; the quick exit walks back over that many places.

const deepOf = (state: unknown) => (state as { deep?: unknown } | null)?.deep;
const opened = deepOf(history.state);
let deep = typeof opened === "number" ? opened : 0;

/** Mark the present place, with what the page knows it by. */
export function mark(state: object | null = history.state as object | null): void {
  history.replaceState({ ...state, deep }, "");
}

/** A new place in the history of this page. */
export function push(state: object): void {
  deep += 1;
  history.pushState({ ...state, deep }, "");
}

/** How many places of this page lie before the present one. */
export function placesBefore(): number {
  return deep;
}

function arrived(): void {
  const there = deepOf(history.state);
  if (typeof there === "number") {
    deep = there;
  } else {
    // A link inside the page was followed: a new place that has no state yet.
    deep += 1;
    mark();
  }
}

mark();
addEventListener("popstate", arrived);
addEventListener("hashchange", arrived);
