// Keys, the preview beside the list, and the choice of several cases. Without scripts the list, its boxes and the pages of
// the cases do the same. No words in here: they come from the server in the page's language.
"use strict";
(() => {
  const panes = document.querySelector(".panes");
  const rows = [...document.querySelectorAll("table.cases tbody tr")];
  const preview = document.getElementById("preview");
  const sheet = document.getElementById("keys");
  const bar = document.querySelector(".bulk");
  const base = document.querySelector("form.search").action.replace(/search$/, "");
  let current = -1;
  let asked = 0;
  document.documentElement.classList.add("scripted");
  for (const hint of document.querySelectorAll(".keys-hint")) hint.hidden = false;

  // --- several cases ---
  function count() {
    if (!bar) return; // A guest's list and an empty one have none.
    const number = document.querySelectorAll(".pick input:checked").length;
    document.getElementById("chosen-count").textContent = number || "";
    bar.classList.toggle("any", number > 0);
  }

  // --- the preview ---
  async function show(row) {
    const own = ++asked;
    if (!matchMedia("(min-width: 80rem)").matches) return;
    const answer = await fetch(`${base}cases/${row.dataset.case}/preview`, { cache: "no-store", redirect: "error" });
    if (!answer.ok || own !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("preview-part");
    if (!fresh || own !== asked) return;
    preview.replaceChildren(fresh);
    preview.hidden = false;
    panes.classList.add("two");
  }

  function go(number) {
    const row = rows[number];
    if (!row) return;
    rows[current]?.removeAttribute("aria-current");
    current = number;
    row.setAttribute("aria-current", "true");
    row.querySelector("a.excerpt").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    show(row).catch(() => {});
  }

  const part = (name) => preview?.querySelector(`[name="${name}"]`);

  function turn(select) {
    if (!select) return;
    select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
    changed();
  }

  function changed() {
    const mark = preview.querySelector(".unsaved");
    if (mark) mark.hidden = false;
  }

  const isChanged = () => preview?.querySelector(".unsaved")?.hidden === false;

  async function save() {
    const form = preview.querySelector("form");
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("preview-part");
    const row = page.querySelector("table.cases tbody tr");
    if (!fresh) {
      form.submit();
      return;
    }
    preview.replaceChildren(fresh);
    if (row && rows[current]) {
      row.setAttribute("aria-current", "true");
      rows[current].replaceWith(row);
      rows[current] = row;
      row.querySelector("a.excerpt").focus({ preventScroll: true });
    }
  }

  const keys = {
    j: () => go(current + 1),
    k: () => go(current - 1),
    x: () => {
      const box = rows[current]?.querySelector(".pick input");
      if (box) box.click();
    },
    a: () => {
      const owner = part("owner");
      if (!owner) return;
      owner.value = owner.dataset.own;
      changed();
    },
    s: () => turn(part("severity")),
    e: () => turn(part("status")),
    l: () => part("label")?.focus(),
    r: () => {
      const link = rows[current]?.querySelector("a.excerpt");
      if (link) location.assign(`${link.href}#reply`);
    },
    "/": () => document.getElementById("words").focus(),
    "?": () => sheet.showModal(),
  };
  for (const number of [1, 2, 3, 4])
    keys[number] = () => {
      const severity = part("severity");
      if (!severity) return;
      severity.selectedIndex = number;
      changed();
    };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || sheet.open) return;
    const inBox = event.target.matches("input:not([type=checkbox]),select,textarea");
    if (event.key === "Escape" && inBox) {
      event.target.blur();
      return;
    }
    if (event.key === "Enter" && isChanged() && (preview.contains(event.target) || event.target.matches("a.excerpt, body"))) {
      event.preventDefault();
      save().catch(() => preview.querySelector("form").submit());
      return;
    }
    if (inBox) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest(".pick")) count();
    if (preview?.contains(event.target)) changed();
  });
  preview?.addEventListener("input", changed);
  preview?.addEventListener("submit", (event) => {
    event.preventDefault();
    save().catch(() => event.target.submit());
  });
  sheet.querySelector("button").addEventListener("click", () => sheet.close());
  count();
})();
