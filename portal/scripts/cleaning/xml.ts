// XML parts as a tree, and back. A part with a DTD, or one that is not well-formed, can't be cleaned.

import { SaxesParser } from "saxes";
import { type Bytes, utf8 } from "../format/encoding.js";
import { CannotClean } from "./findings.js";

/** An attribute as it is written. */
export interface Attribute {
  /** As it is written, with its prefix. */
  name: string;
  local: string;
  uri: string;
  value: string;
}

/** Text that is printed already. */
class Printed {
  constructor(readonly text: string) {}
}

type Child = Element | Printed | string;

/** An element of a part. */
export class Element {
  /** Declarations of namespaces, which are no attributes of the element. */
  declared: Attribute[] = [];
  attributes: Attribute[] = [];
  children: Child[] = [];

  constructor(
    readonly name: string,
    readonly local: string,
    readonly uri: string,
    public parent: Element | null,
  ) {}

  get(name: string): string | undefined {
    return this.attributes.find((attribute) => attribute.name === name)?.value;
  }

  get elements(): Element[] {
    return this.children.filter((child): child is Element => child instanceof Element);
  }

  /** The text before the first element. */
  get text(): string {
    const first = this.children[0];
    return typeof first === "string" ? first : "";
  }

  set text(text: string) {
    if (typeof this.children[0] === "string") this.children.shift();
    if (text) this.children.unshift(text);
  }

  drop(attribute: Attribute): void {
    this.attributes = this.attributes.filter((other) => other !== attribute);
  }

  /** Take it out of its parent; text around it becomes one. */
  remove(): void {
    const siblings = this.parent!.children;
    const at = siblings.indexOf(this);
    siblings.splice(at, 1);
    const [before, after] = [siblings[at - 1], siblings[at]];
    if (typeof before === "string" && typeof after === "string") siblings.splice(at - 1, 2, before + after);
    this.parent = null;
  }

  /** It and all elements in it, in their order. */
  all(): Element[] {
    const listed: Element[] = [];
    const waiting: Element[] = [this];
    while (waiting.length) {
      const element = waiting.pop()!;
      listed.push(element);
      // Not as arguments: a sheet has more rows than a call may have of those.
      for (const child of element.elements.reverse()) waiting.push(child);
    }
    return listed;
  }
}

/** A part that was read. */
export interface Document {
  root: Element;
  /** Whether there were comments or processing instructions, which are not kept. */
  remarks: boolean;
}

/** The text of a part in the encoding that it says. */
function decode(raw: Bytes): string {
  const mark = raw[0]! * 256 + raw[1]!;
  const begin = new TextDecoder("latin1").decode(raw.subarray(0, 200));
  const said = /^[^<]*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']/.exec(begin)?.[1] ?? "utf-8";
  const label = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : said;
  try {
    return new TextDecoder(label, { fatal: true }).decode(raw);
  } catch {
    throw new CannotClean();
  }
}

/** Lists of many like parts, and what they are lists of: each is done with before the next is read. */
const LISTS: Record<string, string> = { sheetData: "row", sst: "si", pivotCacheRecords: "r" };
const NONE: Attribute[] = [];

/** `done`: what is done with each part of a long list, which is printed then. Throws CannotClean. */
export function parse(raw: Bytes, done?: (part: Element) => void): Document {
  const parser = new SaxesParser({ xmlns: true });
  let root: Element | undefined;
  let at: Element | null = null;
  let remarks = false;
  const text = (said: string) => {
    if (!at) return;
    const last = at.children.at(-1);
    if (typeof last === "string") at.children[at.children.length - 1] = last + said;
    else if (said) at.children.push(said);
  };
  parser.on("error", () => {
    throw new CannotClean();
  });
  parser.on("doctype", () => {
    throw new CannotClean();
  });
  parser.on("comment", () => void (remarks = true));
  parser.on("processinginstruction", () => void (remarks = true));
  parser.on("text", text);
  parser.on("cdata", text);
  parser.on("opentag", (tag) => {
    const made: Element = new Element(tag.name, tag.local, tag.uri, at);
    const all = Object.values(tag.attributes).map(({ name, local, uri, value }) => ({ name, local, uri, value }));
    const declares = ({ name }: Attribute) => name === "xmlns" || name.startsWith("xmlns:");
    made.declared = all.some(declares) ? all.filter(declares) : NONE;
    made.attributes = made.declared.length ? all.filter((attribute) => !declares(attribute)) : all;
    if (at) at.children.push(made);
    else root = made;
    at = made;
  });
  parser.on("closetag", () => {
    const closed: Element = at!;
    const list = (at = closed.parent);
    if (!done || !list || LISTS[list.local] !== closed.local) return;
    done(closed);
    if (closed.parent) list.children[list.children.length - 1] = new Printed(printed(closed));
  });
  parser.write(decode(raw)).close();
  if (!root) throw new CannotClean();
  return { root, remarks };
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

const inText = (said: string) => said.replace(/[&<>\r]/g, (symbol) => ESCAPES[symbol]!);
/** A text as it is written in an attribute. */
export const inAttribute = (said: string) => said.replace(/[&<>"\t\n\r]/g, (symbol) => ESCAPES[symbol]!);

function printed(top: Element): string {
  const out: string[] = [];
  const waiting: (Element | string)[] = [top];
  while (waiting.length) {
    const node = waiting.pop()!;
    if (typeof node === "string") {
      out.push(node);
      continue;
    }
    const attributes = [...node.declared, ...node.attributes].map(
      ({ name, value }) => ` ${name}="${inAttribute(value)}"`,
    );
    if (!node.children.length) out.push(`<${node.name}${attributes.join("")}/>`);
    else {
      out.push(`<${node.name}${attributes.join("")}>`);
      waiting.push(`</${node.name}>`);
      for (const child of [...node.children].reverse()) {
        waiting.push(typeof child === "string" ? inText(child) : child instanceof Printed ? child.text : child);
      }
    }
  }
  return out.join("");
}

/** A part as bytes, in UTF-8. */
export function print(root: Element): Bytes {
  return utf8(`<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n${printed(root)}`);
}
