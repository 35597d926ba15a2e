// Puts the marks around what is selected in a text. Without scripts they are typed.
"use strict";
(() => {
  for (const button of document.querySelectorAll(".pack-part .mark")) {
    const box = button.closest(".pack-part").querySelector("textarea");
    button.hidden = false;
    button.addEventListener("click", () => {
      const { selectionStart: first, selectionEnd: last, value } = box;
      if (first === last) return box.focus();
      box.setRangeText(`[[${value.slice(first, last)}]]`, first, last, "select");
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    });
  }
})();
