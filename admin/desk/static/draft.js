// What is typed in a case is kept by the desk on this computer: after a pause, when a field is left, and when the page
// goes. Enter in a box does what the button beside it does. No words in here: they come with the page.
"use strict";
(() => {
  const PAUSE = 600;
  const KEEPALIVE = 60000; // a browser sends no more while a page goes
  const form = document.getElementById("reply-form");
  const address = document.body.dataset.draft;
  const warning = document.getElementById("draft-state");
  if (!form || !address) return;
  const dirty = new Set();
  let waiting = 0;
  let running = null;
  let sending = false;

  const field = (name) => form.elements.namedItem(name);
  const isTyped = (target) => target.name && target.form === form && target.type !== "hidden" && target.localName !== "button";

  function body(names) {
    const all = new FormData(form);
    const sent = new URLSearchParams();
    for (const name of ["csrf_token", "record_id", "shown", "draft_number", "page_id", "envelope_id", ...names]) {
      if (all.has(name)) sent.set(name, all.get(name));
    }
    // A box that is not ticked any more is in no form: it is told as empty.
    for (const name of names) if (!sent.has(name)) sent.set(name, "");
    return sent;
  }

  function mark(unsent) {
    for (const place of document.querySelectorAll("[data-unsent]")) {
      const names = place.dataset.unsent.split(" ");
      if (names.some((name) => dirty.has(name))) place.hidden = false;
      else if (unsent) place.hidden = !names.some((name) => unsent.includes(name));
    }
  }

  async function keep(going) {
    clearTimeout(waiting);
    if (sending || !dirty.size || (running && !going)) return;
    const names = [...dirty];
    const typed = body(names);
    dirty.clear();
    const options = { method: "POST", body: typed, cache: "no-store", redirect: "error" };
    if (going && typed.toString().length < KEEPALIVE) options.keepalive = true;
    running = fetch(address, options);
    try {
      const answer = await running;
      const kept = answer.headers.get("content-type") === "application/json" ? await answer.json() : null;
      if (!answer.ok || !kept) throw new Error();
      field("draft_number").value = kept.number;
      for (const name of names) {
        const box = field(name);
        // For desk.js: a box whose text is kept need not stay when the desk is locked.
        if (!dirty.has(name) && box && "defaultValue" in box) box.defaultValue = typed.get(name) ?? "";
      }
      warning.hidden = true;
      mark(kept.unsent);
    } catch {
      for (const name of names) dirty.add(name);
      warning.hidden = false;
      // Nothing says that it is kept while it is not.
      for (const place of document.querySelectorAll("[data-unsent]")) {
        if (place.dataset.unsent.split(" ").some((name) => dirty.has(name))) place.hidden = true;
      }
    } finally {
      running = null;
    }
    if (dirty.size && warning.hidden) later();
  }

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(() => keep(false), PAUSE);
  }

  function typed(event) {
    if (!isTyped(event.target)) return;
    dirty.add(event.target.name);
    mark();
    later();
  }

  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("focusout", (event) => isTyped(event.target) && keep(false));
  addEventListener("pagehide", () => keep(true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep(true));
  // A button sends everything along; what comes later from this page would be old.
  form.addEventListener("submit", () => {
    sending = true;
    clearTimeout(waiting);
  });
  addEventListener("pageshow", () => {
    sending = false;
  });

  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.key !== "Enter" || event.isComposing || box.localName !== "input" || !isTyped(box)) return;
    if (box.type === "radio" || box.type === "checkbox") return;
    let place = box.parentElement;
    while (place && place.localName !== "section" && !place.querySelector("button[data-act]")) place = place.parentElement;
    const button = place?.querySelector("button[data-act]");
    if (!button) return;
    event.preventDefault();
    button.click();
  });
})();
