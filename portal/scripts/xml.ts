// XML parts as a tree, and back. A part with a DTD, or one that is not well-formed, can't be cleaned.

import { SaxesParser } from "saxes";
import { type Bytes, utf8 } from "./encoding.js";
import { CannotClean } from "./found.js";

export interface Attribute {
  /** As it is written, with its prefix. */
  name: string;
  local: string;
  uri: string;
  value: string;
}

export class Element {
  attributes: Attribute[] = [];
  children: (Element | string)[] = [];

  constructor(readonly name: string, readonly local: string, readonly uri: string, public parent: Element | null) {}

  /** Declarations of namespaces are no attributes of the element. */
  get own(): Attribute[] {
    return this.attributes.filter(({ name }) => name !== "xmlns" && !name.startsWith("xmlns:"));
  }

  get(name: string): string | undefined {
    return this.attributes.find((one) => one.name === name)?.value;
  }

  get elements(): Element[] {
    return this.children.filter((one): one is Element => typeof one !== "string");
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
    this.attributes = this.attributes.filter((one) => one !== attribute);
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
      const one = waiting.pop()!;
      listed.push(one);
      waiting.push(...one.elements.reverse());
    }
    return listed;
  }
}

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

/** Throws CannotClean. */
export function parse(raw: Bytes): Document {
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
    made.attributes = Object.values(tag.attributes).map(({ name, local, uri, value }) => ({ name, local, uri, value }));
    if (at) at.children.push(made);
    else root = made;
    at = made;
  });
  parser.on("closetag", () => void (at = at!.parent));
  parser.write(decode(raw)).close();
  if (!root) throw new CannotClean();
  return { root, remarks };
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;",
};

const inText = (said: string) => said.replace(/[&<>\r]/g, (symbol) => ESCAPES[symbol]!);
export const inAttribute = (said: string) => said.replace(/[&<>"\t\n\r]/g, (symbol) => ESCAPES[symbol]!);

export function print(root: Element): Bytes {
  const out = ["<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"];
  const waiting: (Element | string)[] = [root];
  while (waiting.length) {
    const one = waiting.pop()!;
    if (typeof one === "string") {
      out.push(one);
      continue;
    }
    const attributes = one.attributes.map(({ name, value }) => ` ${name}="${inAttribute(value)}"`).join("");
    if (!one.children.length) out.push(`<${one.name}${attributes}/>`);
    else {
      out.push(`<${one.name}${attributes}>`);
      waiting.push(`</${one.name}>`);
      for (const child of [...one.children].reverse()) waiting.push(typeof child === "string" ? inText(child) : child);
    }
  }
  return utf8(out.join(""));
}
