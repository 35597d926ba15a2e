// The parts of a case, one at a time, and keys. Without scripts all parts stand below each other. What is typed stays in
// its field: every part is in the page all the time, and goes with its one form.
"use strict";
(() => {
  const parts = [...document.querySelectorAll(".part")];
  const links = [...document.querySelectorAll(".tabs a")];

  function show(part) {
    for (const other of parts) other.hidden = other !== part;
    for (const link of links) {
      if (link.hash === `#${part.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  // The part in which something stands that an address or a message points at.
  function partOf(hash) {
    const place = hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
    return { place, part: place?.closest(".part") ?? null };
  }

  function follow() {
    const { place, part } = partOf(location.hash);
    if (!part) return;
    show(part);
    if (place !== part) place.scrollIntoView();
  }

  if (parts.length > 1) {
    document.documentElement.classList.add("tabbed");
    show(partOf(location.hash).part ?? document.querySelector(".part :is(.wrong,.error)")?.closest(".part") ?? parts[0]);
    addEventListener("hashchange", follow);
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      if (link && link.hash === location.hash) follow();
    });
    addEventListener("beforeprint", () => {
      for (const part of parts) part.hidden = false;
    });
    if (location.hash) follow();
  }

  // --- keys ---
  const boxes = { r: "message", m: "note" };
  for (const hint of document.querySelectorAll(".keys-hint")) hint.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const inBox = event.target.matches("input:not([type=radio],[type=checkbox]),select,textarea");
    if (event.key === "Escape" && inBox) event.target.blur();
    if (inBox || !/^[jkrm]$/.test(event.key)) return;
    const way = document.querySelector(`.case-head [aria-keyshortcuts="${event.key}"]`);
    if (!way) return;
    event.preventDefault();
    way.click();
    document.getElementById(boxes[event.key])?.focus();
  });
})();
