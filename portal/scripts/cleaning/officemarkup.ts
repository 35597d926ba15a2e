// One XML part of an Office file: without people, dates, sessions, paths, and without references to what is gone
// (portal/cleaning/office/markup.py).

import { type Bytes } from "../format/encoding.js";
import { CannotClean } from "./findings.js";
import type { Part } from "./officepackage.js";
import {
  ATTRIBUTES,
  DATED,
  FIELDS_TELLING,
  OUT,
  type Work,
  isFileName,
  isPersonal,
  of,
  rules,
  withoutPaths,
} from "./officerules.js";
import { type Attribute, type Element, parse, print } from "./xml.js";

const REFERENCES = [
  "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
  "http://purl.oclc.org/ooxml/officeDocument/relationships",
];
/** Instead of dates that a schema wants; others go. */
const THEN: Record<string, string> = Object.fromEntries(
  ["dt", "dT", "created"].map((name) => [name, "1980-01-01T00:00:00Z"]),
);
const NAMING = ["name", "descr", "title", "alt"];
const FORMULAS = ["definedName", "f", "formula", "formula1", "formula2"];
const BOUND_TO_PERSON = /creator|lastModifiedBy|manager|company/i;

const isReference = ({ uri }: Attribute) => REFERENCES.includes(uri);

/** `ids`: the relations that stay, old id to new. */
export function cleanMarkup(part: Part, ids: Map<string, string>, work: Work): Bytes {
  const clean = (top: Element, authors: string[]) => {
    if (performance.now() > work.until) throw new CannotClean();
    for (const element of top.all()) cleanElement(element, authors, ids, work);
    cleanFields(top, work);
  };
  // The authors of comments are before these, and have to be known.
  const { root, remarks } = parse(part.content, part.tells ? undefined : (row) => clean(row, []));
  if (remarks) work.note("comment");
  clean(
    root,
    part.tells
      ? root
          .all()
          .filter(isAuthor)
          .map(({ text }) => text)
      : [],
  );
  return print(root);
}

function cleanElement(element: Element, authors: string[], ids: Map<string, string>, work: Work): void {
  if (isOut(element)) {
    work.note(OUT.elements[element.local]!);
    // What is bound to the properties shows them, and stays.
    const bound = element.attributes.map(({ value }) => value).join(" ");
    work.rest ||= element.local === "dataBinding" && BOUND_TO_PERSON.test(bound);
    remove(element);
    return;
  }
  if (!cleanReferences(element, ids, work)) return;
  cleanAttributes(element, work);
  work.rest ||= rules.deleted.includes(element.local);
  const { text, local } = element;
  if (FORMULAS.includes(local) && text) replaceText(element, withoutPaths(text), work);
  else if (authors.length && local === "t" && text) cleanAuthorPrefix(element, authors, work);
}

const isAuthor = (element: Element) => element.local === "author" && !!element.text && !element.elements.length;

function isOut({ local, uri, parent }: Element): boolean {
  if (of(OUT.elements, local) === undefined || !parent) return false;
  return `{${uri}}${local}`.includes(of(OUT.elementsIn, local) ?? "");
}

/** Take an element out, and what is left empty of the list of extensions that it stood in. */
function remove(element: Element): void {
  const { parent } = element;
  if (!parent) return;
  element.remove();
  if (!parent.elements.length && (parent.local === "ext" || parent.local === "extLst")) remove(parent);
}

/** Point at relations by their new ids. False: it was only a reference to one that is gone, and is out too. */
function cleanReferences(element: Element, ids: Map<string, string>, work: Work): boolean {
  for (const attribute of element.attributes) {
    const { value, local } = attribute;
    const now = ids.get(value);
    if (isReference(attribute)) {
      if (now !== undefined) attribute.value = now;
      else if (value) {
        work.note("other");
        if (onlyRefers(element)) {
          remove(element);
          return false;
        }
        element.drop(attribute);
      }
    } else if (local.toLowerCase() === "relid" && now !== undefined) attribute.value = now;
  }
  return true;
}

function onlyRefers(element: Element): boolean {
  // Without page settings the paper is another.
  return (
    element.local !== "pageSetup" &&
    !element.elements.length &&
    !element.text.trim() &&
    !!element.parent &&
    element.attributes.every(isReference)
  );
}

function cleanAttributes(element: Element, work: Work): void {
  for (const attribute of element.attributes) {
    const [word, instead] = inPlaceOf(element.local, attribute, work);
    if (!word || instead === attribute.value) continue;
    work.note(word);
    if (instead === null) element.drop(attribute);
    else attribute.value = instead;
  }
}

/** The word for what an attribute tells, and its value from now on; null: it goes. */
function inPlaceOf(kind: string, { local: name, value }: Attribute, work: Work): [string, string | null] {
  if (name.startsWith("rsid")) return ["history", null];
  if (rules.dates.includes(name) && DATED.test(kind)) return ["time", of(THEN, name) ?? null];
  if ((name === "name" || name === "displayName") && rules.people.includes(kind)) return ["author", "Author"];
  // "Created by ... on ...", written by Excel
  if (kind === "scenario" && name === "comment") return ["author", null];
  const known = of(ATTRIBUTES, name);
  if (known) return known;
  // Formats of numbers look like paths: \\#,##0.
  if (name === "formatCode") return ["", null];
  const instead = cleanValue(name, value, work);
  return [instead === value ? "" : "other", instead];
}

/** An attribute's value without paths and names of files. */
function cleanValue(name: string, value: string, work: Work): string {
  let instead = withoutPaths(value);
  if (instead.includes("://") && isPersonal(instead)) work.rest = true;
  if (NAMING.includes(name) && isFileName(instead)) instead = "";
  return name === "name" && value && !instead ? "Object" : instead;
}

function replaceText(element: Element, text: string, work: Work): void {
  if (element.text === text) return;
  work.note("other");
  element.text = text;
}

/** Excel begins the text of a comment with the name of who wrote it, as a run of its own. */
function cleanAuthorPrefix(element: Element, authors: string[], work: Work): void {
  const begin = element.text.trimEnd();
  if (!/[:：]$/.test(begin) || !authors.includes(begin.slice(0, -1))) return;
  work.note("author");
  element.text = `Author:${element.text.slice(begin.length)}`;
}

/** Take paths out of fields, whose instructions Word spreads over several runs; a comment's author too. */
function cleanFields(root: Element, work: Work): void {
  let waiting: Element[] = [];
  for (const element of root.all()) {
    const { local } = element;
    if (local === "instrText" || local === "delInstrText") waiting.push(element);
    else if (local === "fldChar" || local === "p" || local === "sectPr") {
      cleanField(waiting, work);
      waiting = [];
    } else if (local === "fldSimple") {
      const instruction = element.attributes.find((attribute) => attribute.local === "instr")?.value ?? "";
      work.rest ||= FIELDS_TELLING.test(instruction);
    } else if (isAuthor(element) && element.text !== "Author") {
      work.note("author");
      element.text = "Author";
    }
  }
  cleanField(waiting, work);
}

function cleanField(parts: Element[], work: Work): void {
  const instruction = parts.map(({ text }) => text).join("");
  const cleaned = withoutPaths(instruction);
  work.rest ||= FIELDS_TELLING.test(instruction) || (isPersonal(cleaned) && cleaned.includes("://"));
  if (cleaned === instruction) return;
  work.note("other");
  parts.forEach((part, at) => (part.text = at ? "" : cleaned));
}
