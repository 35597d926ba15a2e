// Boxes are drawn on a page by mouse, finger and keyboard. Each is a line of the list below, which is all that is kept;
// without scripts the list is typed, or lines of the text are ticked. No words in here: they come with the page.
"use strict";
(() => {
  const FULL = 10000;
  const STEP = 50;
  const SVG = "http://www.w3.org/2000/svg";
  const sheet = document.getElementById("sheet");
  const list = document.querySelector(".box-list");
  if (!sheet || !list) return;
  const shapes = document.getElementById("boxes");
  const handles = document.getElementById("handles");
  const finger = document.getElementById("draw");
  for (const part of document.querySelectorAll(".drawing")) part.hidden = false;

  const text = (box) => box.map((side) => String(side / 100)).join(" ");

  function read() {
    const boxes = [];
    for (const line of list.value.split("\n")) {
      const sides = line.trim().split(/[\s,]+/).map((part) => Math.round(Number(part.replace("%", "")) * 100));
      if (sides.length === 4 && sides.every((side) => Number.isFinite(side))) boxes.push(sides);
    }
    return boxes;
  }

  function write(boxes) {
    list.value = boxes.map(text).join("\n");
    list.dispatchEvent(new Event("input", { bubbles: true }));
    show();
  }

  function shape([left, top, width, height]) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", "box");
    for (const [name, side] of Object.entries({ x: left, y: top, width, height })) rect.setAttribute(name, side);
    return rect;
  }

  function handle(box, number) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `${sheet.dataset.box} ${number + 1}: ${text(box)}`);
    const [left, top, width, height] = box.map((side) => `${side / 100}%`);
    Object.assign(button.style, { left, top, width, height });
    button.addEventListener("keydown", (event) => pressed(event, number));
    return button;
  }

  function show() {
    const boxes = read();
    const at = [...handles.children].indexOf(document.activeElement);
    shapes.replaceChildren(...boxes.map(shape));
    handles.replaceChildren(...boxes.map(handle));
    if (at >= 0) (handles.children[Math.min(at, boxes.length - 1)] ?? document.getElementById("add")).focus();
    const lines = new Set(boxes.map(text));
    for (const tick of document.querySelectorAll("input[name=line]")) tick.checked = lines.has(tick.value);
  }

  const within = (side, room) => Math.max(0, Math.min(room, Math.round(side)));

  function pressed(event, number) {
    const boxes = read();
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      boxes.splice(number, 1);
      write(boxes);
      return;
    }
    const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (!way) return;
    event.preventDefault();
    let [left, top, width, height] = boxes[number];
    if (event.shiftKey) {
      width = Math.max(STEP, within(width + way[0], FULL - left));
      height = Math.max(STEP, within(height + way[1], FULL - top));
    } else {
      left = within(left + way[0], FULL - width);
      top = within(top + way[1], FULL - height);
    }
    boxes[number] = [left, top, width, height];
    write(boxes);
  }

  document.getElementById("add").addEventListener("click", () => {
    write([...read(), [3000, 4500, 4000, 500]]);
    handles.lastElementChild.focus();
  });
  finger.addEventListener("click", () => {
    const on = finger.getAttribute("aria-pressed") !== "true";
    finger.setAttribute("aria-pressed", String(on));
    sheet.classList.toggle("finger", on);
  });

  // --- drawing and moving with a pointer ---
  const place = (event) => {
    const area = sheet.getBoundingClientRect();
    return [within(((event.clientX - area.left) / area.width) * FULL, FULL), within(((event.clientY - area.top) / area.height) * FULL, FULL)];
  };
  let begun = null;

  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (event.pointerType === "touch" && !sheet.classList.contains("finger"))) return;
    event.preventDefault();
    const moved = [...handles.children].indexOf(event.target);
    if (moved >= 0) event.target.focus();
    begun = { from: place(event), moved, before: moved >= 0 ? read()[moved] : null, now: null };
    begun.rect = moved >= 0 ? shapes.children[moved] : shapes.appendChild(shape([0, 0, 0, 0]));
    sheet.setPointerCapture(event.pointerId);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!begun) return;
    const [x, y] = place(event);
    const [startX, startY] = begun.from;
    if (begun.before) {
      const [left, top, width, height] = begun.before;
      begun.now = [within(left + x - startX, FULL - width), within(top + y - startY, FULL - height), width, height];
    } else {
      begun.now = [Math.min(x, startX), Math.min(y, startY), Math.abs(x - startX), Math.abs(y - startY)];
    }
    const fresh = shape(begun.now);
    begun.rect.replaceWith(fresh);
    begun.rect = fresh;
  });
  const end = (event) => {
    if (!begun) return;
    const { moved, now } = begun;
    begun = null;
    const boxes = read();
    // A slip of the hand is no box.
    if (event.type === "pointerup" && now && now[2] >= 20 && now[3] >= 20) {
      if (moved >= 0) boxes[moved] = now;
      else boxes.push(now);
      write(boxes);
    } else {
      show();
    }
  };
  sheet.addEventListener("pointerup", end);
  sheet.addEventListener("pointercancel", end);

  // --- lines of the text ---
  document.addEventListener("change", (event) => {
    if (event.target.name !== "line") return;
    const others = read().filter((box) => text(box) !== event.target.value);
    const sides = event.target.value.split(" ").map((side) => Math.round(Number(side) * 100));
    write(event.target.checked ? [...others, sides] : others);
  });
  list.addEventListener("input", (event) => event.isTrusted && show());
  show();
})();
