// Copies a text to the clipboard and says so. Without scripts the text stands in a box and can be selected. No words in
// here: they come from the server in the page's language.
"use strict";
(() => {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const box = document.getElementById(button.dataset.copy);
    const said = document.getElementById(`${button.dataset.copy}-said`);
    button.hidden = false;
    button.addEventListener("click", async () => {
      said.textContent = "";
      try {
        await navigator.clipboard.writeText(box.value);
        said.textContent = button.dataset.done;
      } catch {
        box.focus();
        box.select();
        said.textContent = button.dataset.failed;
      }
    });
  }
})();
