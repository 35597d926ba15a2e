// What is wrong with a form, said in one way: a summary above the heading, the same words at the field, the title.

import { element, say } from "./words.js";

interface Where {
  /** What is to be put right: a field, or a group of them. */
  field?: HTMLElement | null;
  /** Where the box goes when nothing that was typed is wrong. */
  before?: HTMLElement;
  heading?: string;
  more?: HTMLElement[];
  /** Whether something went wrong; what was stopped on purpose is no error. */
  isError?: boolean;
}

const box = element("div", "", { id: "sealed-notice", class: "errors", role: "alert", tabindex: "-1" });
let undo: (() => void)[] = [];

/** Take back what was said. */
export function clearProblem(): void {
  for (const revert of undo) revert();
  undo = [];
  box.remove();
}

/** Say it, and lead to it. */
export function showProblem(
  text: string,
  { field, before, heading = "check_this", more = [], isError = true }: Where = {},
): void {
  clearProblem();
  const said = element("p");
  const link = element("a", text, { href: `#${field?.id}` });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    lead(field!);
  });
  said.append(field ? link : element("span", text));
  box.replaceChildren(element("h2", isError ? `${say("error_mark")} ${say(heading)}` : say(heading)), said, ...more);
  if (before) before.before(box);
  else document.getElementById("main")!.prepend(box);
  const { title } = document;
  box.className = isError ? "errors" : "note";
  if (isError) document.title = `${say("error_mark")} ${title}`;
  undo.push(() => (document.title = title));
  if (field) mark(field, text);
  lead(field ?? box);
}

/** Say what went wrong with what a form sends, at its button. */
export function problemAt(form: HTMLElement, sentence: string, more: HTMLElement[] = []): void {
  const before = form.querySelector<HTMLElement>("button:not([type=button])") ?? form;
  showProblem(sentence, { before, heading: "not_done", more });
}

function lead(to: HTMLElement): void {
  (to.matches("fieldset") ? (to.querySelector<HTMLElement>("input:enabled") ?? box) : to).focus();
}

function mark(field: HTMLElement, text: string): void {
  const around = field.closest(".field") ?? field;
  const [id, described] = [`${field.id}-error`, field.getAttribute("aria-describedby") ?? ""];
  document.getElementById(id)?.remove();
  const line = element("p", "", { id, class: "error" });
  line.append(element("span", say("error_mark"), { class: "mark" }), " ", element("span", text));
  if (field.matches("fieldset")) (field.querySelector(".hint") ?? field.firstElementChild!).after(line);
  else field.before(line);
  around.classList.add("wrong");
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", `${described.replace(` ${id}`, "")} ${id}`.trim());
  undo.push(() => {
    line.remove();
    around.classList.remove("wrong");
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", described);
  });
}
