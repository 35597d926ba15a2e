// Searching as one types, and a page that goes blank when the desk is locked. Without scripts all of it works too, but
// for the last. No words in here: they come from the server in the page's language.
"use strict";
(() => {
  const LOOK_EVERY = 15000;
  const PAUSE = 120;

  // --- locking ---
  const state = document.body.dataset.state;
  const main = document.getElementById("main");
  let gone = false;

  function typed() {
    return [...document.querySelectorAll("main textarea:not([readonly])")].filter(
      (box) => box.form && box.value !== box.defaultValue,
    );
  }

  function blank() {
    if (gone) return;
    gone = true;
    const kept = typed()[0];
    if (!kept) {
      main.replaceChildren();
      location.reload();
      return;
    }
    // What was typed stays, and nothing else: sending it leads to the page that asks for the passphrase.
    const form = kept.form;
    const button = form.querySelector("button:not([formaction])");
    const hidden = [...form.querySelectorAll("input[type=hidden]")];
    const label = document.querySelector(`label[for="${CSS.escape(kept.id)}"]`);
    kept.removeAttribute("aria-describedby");
    const heading = document.createElement("h1");
    heading.textContent = document.body.dataset.locked;
    const more = document.createElement("p");
    more.textContent = document.body.dataset.typed;
    form.replaceChildren(...hidden, ...(label ? [label] : []), kept, ...(button ? [button] : []));
    main.replaceChildren(heading, more, form);
    document.title = heading.textContent;
    for (const nav of document.querySelectorAll("header nav, header form")) nav.remove();
  }

  // --- what is late and new: a count in the title, and a notice where it was asked for ---
  const title = document.title;

  function tell({ count, notice }) {
    if (gone) return;
    document.title = count ? `(${count}) ${title}` : title;
    if (notice && "Notification" in window && Notification.permission === "granted") {
      new Notification(document.body.dataset.name, { body: notice, tag: "desk" });
    }
  }

  const notices = document.querySelector("form.notices");
  if (notices && "Notification" in window) {
    notices.hidden = false;
    notices.addEventListener("submit", (event) => {
      if (!event.submitter?.value || Notification.permission === "granted") return;
      event.preventDefault();
      Notification.requestPermission().then((answer) => {
        const said = notices.querySelector("[data-denied]");
        if (answer === "granted") notices.requestSubmit(event.submitter);
        else said.textContent = said.dataset.denied;
      });
    });
  }

  async function ask() {
    const answer = await fetch(state, { cache: "no-store", redirect: "error" });
    return answer.ok ? answer.json() : null;
  }

  async function look() {
    if (gone) return;
    const now = await ask().catch(() => null); // null: the desk was ended
    if (now?.locked === false) tell(now);
    else blank();
  }

  // At the beginning only the count is wanted: a page that is left at once breaks the request off, and stays.
  ask().then((now) => now?.locked === false && tell(now), () => {});
  setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  // --- searching ---
  const form = document.querySelector("form.search");
  const found = document.getElementById("found");
  const list = document.getElementById("list");
  if (!form || !found) return;
  const box = form.querySelector("input[type=search]");
  let waiting = 0;
  let number = 0;

  async function search() {
    const own = ++number;
    const words = box.value.trim();
    if (list) list.hidden = words !== "";
    if (!words) {
      found.replaceChildren();
      return;
    }
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      cache: "no-store",
    });
    if (own !== number) return;
    if (!answer.ok) {
      look();
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("found");
    if (own === number && fresh) found.replaceChildren(...fresh.childNodes);
  }

  box.addEventListener("input", (event) => {
    clearTimeout(waiting);
    // While Japanese is being composed nothing is final yet.
    if (!event.isComposing) waiting = setTimeout(() => search().catch(() => {}), PAUSE);
  });
  box.addEventListener("compositionend", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search().catch(() => {}), PAUSE);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    search().catch(() => form.submit());
  });
})();
