// The package of an Office file: parts are found by the relations between them, whatever they are called
// (portal/cleaning/office/package.py, names.py).

import { type Bytes, utf8 } from "../format/encoding.js";
import { CannotClean, byName } from "./findings.js";
import { NAMES_OUT, NAMES_TELLING, OUT, type Work, isPersonal, of, rules } from "./officerules.js";
import { type Element, inAttribute, parse } from "./xml.js";

const TYPES = "[Content_Types].xml";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
const CONVENTIONAL = ["word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"];
const MAIN_TYPE = /word|spreadsheet|excel|presentation|powerpoint/i;
const USUAL_ID = /^(?:rId|rel|Id|R|r)?[0-9a-fA-F]{1,32}$/;
const USUAL_NUMBER = /^[-_]?(?:\d{0,6}|[0-9a-f]{1,8}_[0-9a-f]{1,8})$/;

/** An arrow from one part to another, or to something outside (no target then, but an address). */
export interface Relation {
  id: string;
  type: string;
  kind: string;
  target: Part | undefined;
  address: string;
}

/** A part of a package: a file in the archive, with its type and its relations. */
export class Part {
  /** What it tells, when it is out as a whole. */
  word: string | undefined;
  tells = false;
  relations: Relation[] = [];

  constructor(
    public name: string,
    public content: Bytes,
    readonly type: string,
  ) {}

  get isXml(): boolean {
    const begin = new TextDecoder("latin1").decode(this.content.subarray(0, 200));
    return /xml$/i.test(this.type) || /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[ \t\n\r\f\v]*</.test(begin);
  }
}

function unquoted(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const folderOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf("/")));
const endingOf = (name: string) => name.slice(name.lastIndexOf(".") + 1);

/** A path from a folder, without "." and "..". */
function resolved(folder: string, path: string): string {
  const steps: string[] = [];
  for (const step of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (step === "..") steps.pop();
    else if (step && step !== ".") steps.push(step);
  }
  return steps.join("/");
}

function relative(name: string, folder: string): string {
  const [to, from] = [name.split("/"), folder ? folder.split("/") : []];
  let same = 0;
  while (same < from.length && same < to.length - 1 && to[same] === from[same]) same++;
  return [...from.slice(same).map(() => ".."), ...to.slice(same)].join("/");
}

/** A package: its parts, its types, its relations (Open Packaging Conventions). */
export class Package {
  parts: Part[] = [];
  relations: Relation[];
  main: Part;
  #defaults = new Map<string, string>();
  #overrides = new Map<string, string>();
  #named = new Map<string, Part>();

  constructor(
    files: Map<string, Bytes>,
    private work: Work,
  ) {
    const types = [...files.keys()].find((name) => name.toLowerCase() === TYPES.toLowerCase());
    if (!types) throw new CannotClean();
    this.#readTypes(files.get(types)!);
    const sources = new Map<string, Bytes>();
    for (const [name, content] of files) {
      if (name === types) continue;
      const of = /^(.*\/|)_rels\/([^/]*)\.rels$/i.exec(name);
      if (of) sources.set(`${of[1]}${of[2]}`.toLowerCase(), content);
      else this.#add(new Part(name, content, this.#typeOf(name)));
    }
    this.relations = this.#read("", sources.get(""), true);
    sources.delete("");
    this.main = this.#findMain();
    for (const [name, content] of sources) {
      const part = this.#named.get(name);
      if (part) part.relations = this.#read(name, content, part === this.main);
    }
    this.#sortOut();
  }

  #add(part: Part): void {
    this.parts.push(part);
    this.#named.set(part.name.toLowerCase(), part);
  }

  #readTypes(content: Bytes): void {
    for (const entry of parse(content).root.elements) {
      const type = entry.get("ContentType") ?? "";
      if (entry.local === "Default") this.#defaults.set((entry.get("Extension") ?? "").toLowerCase(), type);
      else if (entry.local === "Override") {
        this.#overrides.set(
          unquoted(entry.get("PartName") ?? "")
            .replace(/^\/+/, "")
            .toLowerCase(),
          type,
        );
      }
    }
  }

  #typeOf(name: string): string {
    return this.#overrides.get(name.toLowerCase()) || (this.#defaults.get(endingOf(name).toLowerCase()) ?? "");
  }

  /** What a .rels part says. `strict`: a broken one means that the file can't be cleaned. */
  #read(source: string, content: Bytes | undefined, strict: boolean): Relation[] {
    if (!content?.length) return [];
    try {
      const entries = parse(content).root.elements;
      return entries.filter((entry) => entry.get("Target") !== undefined).map((entry) => this.#relation(source, entry));
    } catch (error) {
      if (strict || !(error instanceof CannotClean)) throw error;
      this.work.rest = true;
      return [];
    }
  }

  #relation(source: string, entry: Element): Relation {
    const [target, type, id] = [entry.get("Target")!, entry.get("Type") ?? "", entry.get("Id") ?? ""];
    const kind = type.replace(/\/+$/, "").split("/").at(-1)!.toLowerCase();
    const isOutside = entry.get("TargetMode")?.toLowerCase() === "external";
    if (isOutside) return { id, type, kind, target: undefined, address: target };
    const path = unquoted(target.split("#")[0]!).replaceAll("\\", "/");
    return { id, type, kind, target: this.#named.get(resolved(folderOf(source), path).toLowerCase()), address: "" };
  }

  /** The part that the package begins with. */
  #findMain(): Part {
    let main = this.relations.find(({ kind, target }) => kind === "officedocument" && target)?.target;
    if (!main) {
      const named = CONVENTIONAL.flatMap((name) => this.#named.get(name) ?? []);
      if (this.relations.length || named.length !== 1) throw new CannotClean();
      main = named[0]!;
    }
    const isKnown = MAIN_TYPE.test(main.type) || /^(?:word|xl|ppt)\//i.test(main.name);
    if (!main.isXml || !isKnown) throw new CannotClean();
    return main;
  }

  /** Say of each part whether it is out as a whole, and whether it can name somebody. */
  #sortOut(): void {
    for (const part of this.parts) {
      const name = part.name.toLowerCase();
      const type = part.type.toLowerCase().split(/[./]/).at(-1)!;
      part.word = of(OUT.types, type) ?? NAMES_OUT.find(([pattern]) => pattern.test(name))?.[1];
      part.tells = NAMES_TELLING.test(part.name);
      if (!part.content.length && part !== this.main) part.word = "other";
    }
    for (const source of [this, ...this.parts]) {
      for (const { kind, target } of source.relations) {
        if (!target || target === this.main) continue;
        // Nothing but the main part is needed from outside.
        const word = of(OUT.relations, kind) ?? (source === this ? "other" : undefined);
        if (word !== undefined) target.word = word;
        else if (!rules.relations_kept.includes(kind)) this.work.rest = true;
        target.tells ||= rules.relations_telling.includes(kind);
      }
    }
    this.main.word = undefined;
    for (const part of this.parts) if (part.word !== undefined) this.#noteProperties(part);
  }

  /** Note what the properties in a part that is out are called, or what it is. */
  #noteProperties(part: Part): void {
    const tells = new Set<string>();
    try {
      const all = part.isXml ? parse(part.content).root.all() : [];
      for (const { text, local } of all) if (text.trim()) tells.add(byName(local));
    } catch (error) {
      if (!(error instanceof CannotClean)) throw error;
    }
    for (const word of tells.size ? tells : [part.word || "other"]) this.work.note(word);
  }

  /** Take a part out, with the relations that point at it and those that begin at it. */
  remove(part: Part): void {
    this.parts = this.parts.filter((other) => other !== part);
    for (const source of [this, ...this.parts]) {
      source.relations = source.relations.filter(({ target }) => target !== part);
    }
  }

  /** Take relations without an end out of a part, and note personal addresses; the ids that stay, old to new. */
  keptIds(part: Part): Map<string, string> {
    const ids = new Map<string, string>();
    part.relations = part.relations.filter((relation, at) => {
      const { id, kind, target, address } = relation;
      if (of(OUT.relations, kind) !== undefined || (!target && !address)) {
        this.work.note("other");
        return false;
      }
      this.work.rest ||= !target && isPersonal(address);
      if (!USUAL_ID.test(id)) {
        relation.id = `rId${9001 + at}`;
        this.work.note("other");
      }
      ids.set(id, relation.id);
      return true;
    });
    return ids;
  }

  /** Give parts with unusual names others. */
  rename(): void {
    const used = new Set(this.parts.map(({ name }) => name.toLowerCase()));
    const { folders } = rules.names_known;
    const [first] = this.main.name.split("/");
    const folder = this.main.name.includes("/") && folders.includes(first!.toLowerCase()) ? first! : "word";
    for (const part of this.parts) {
      if (isUsual(part.name)) continue;
      const ending =
        endingOf(part.name)
          .toLowerCase()
          .replace(/[^a-z0-9]/g, "")
          .slice(0, 5) || "bin";
      let count = 1;
      let name: string;
      while (used.has((name = `${folder}/media/media${count}.${ending}`))) count++;
      used.add(name);
      part.name = name;
      this.work.note("other");
    }
  }

  /** All parts by name, the content types first. */
  files(): Map<string, Bytes> {
    const type = this.relations.find(({ target }) => target === this.main)?.type ?? OFFICE;
    const out = new Map([[TYPES, this.#printedTypes()]]);
    const main = { id: "rId1", type, kind: "", target: this.main, address: "" };
    out.set("_rels/.rels", printedRelations("", [main]));
    for (const { name, content, relations } of this.parts) {
      out.set(name, content);
      const at = name.lastIndexOf("/") + 1;
      if (relations.length)
        out.set(`${name.slice(0, at)}_rels/${name.slice(at)}.rels`, printedRelations(name, relations));
    }
    return out;
  }

  #printedTypes(): Bytes {
    const defaults = new Map([["rels", "application/vnd.openxmlformats-package.relationships+xml"]]);
    for (const { name, type } of this.parts) {
      const ending = endingOf(name).toLowerCase();
      if (type && this.#defaults.get(ending) === type) defaults.set(ending, type);
    }
    const others = this.parts.filter(({ name, type }) => type && defaults.get(endingOf(name).toLowerCase()) !== type);
    return printed(`${PACKAGE}/content-types`, "Types", [
      ...[...defaults].map(([ending, type]) => empty("Default", { Extension: ending, ContentType: type })),
      ...others.map(({ name, type }) => empty("Override", { PartName: `/${name}`, ContentType: type })),
    ]);
  }
}

function isUsual(name: string): boolean {
  const [file, ...folders] = name.toLowerCase().split("/").reverse();
  const [stem, ending] = [file!.split(".")[0]!, file!.slice(file!.indexOf(".") + 1)];
  const known = rules.names_known.files.some(
    (word) => stem.startsWith(word) && USUAL_NUMBER.test(stem.slice(word.length)),
  );
  const inside = folders.every((folder) => !folder || rules.names_known.folders.includes(folder));
  return known && inside && file!.includes(".") && /^[a-z0-9]{1,5}$/.test(ending);
}

function empty(name: string, attributes: Record<string, string>): string {
  const all = Object.entries(attributes).map(([key, value]) => ` ${key}="${inAttribute(value)}"`);
  return `<${name}${all.join("")}/>`;
}

function printed(namespace: string, name: string, entries: string[]): Bytes {
  const head = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n";
  return utf8(`${head}<${name} xmlns="${namespace}">${entries.join("")}</${name}>`);
}

function printedRelations(source: string, relations: Relation[]): Bytes {
  const entries = relations.map(({ id, type, target, address }) =>
    empty("Relationship", {
      Id: id,
      Type: type,
      ...(target ? { Target: relative(target.name, folderOf(source)) } : { Target: address, TargetMode: "External" }),
    }),
  );
  return printed(`${PACKAGE}/relationships`, "Relationships", entries);
}
