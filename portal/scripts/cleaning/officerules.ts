// The lists of what an Office file loses (portal/cleaning/office.json; portal/cleaning/office/rules.py).

import rules from "../../cleaning/office.json";

export { rules };

/** Python's \s for ASCII; a page's would be wider. */
function source(pattern: string): string {
  const blank = " \\t\\n\\r\\f\\v";
  return pattern.replaceAll("[^\\s", `[^${blank}`).replaceAll("\\s", `[${blank}]`);
}

const pattern = (text: string) => new RegExp(source(text), "i");
const start = (text: string) => new RegExp(`^(?:${source(text)})`, "i");

/** Parts that are out by their names, with the finding. */
export const NAMES_OUT = rules.names_out.map(([word, text]) => [start(text!), word!] as const);
/** Parts whose own name can tell something. */
export const NAMES_TELLING = start(rules.names_telling);
/** Whether a text is a date and time. */
export const DATED = new RegExp(rules.dated);
/** Fields of a text that show a property of the file. */
export const FIELDS_TELLING = pattern(rules.fields_telling);
const FILE_NAMES = start(rules.file_names);
const PATHS = new RegExp(source(rules.paths), "gi");
const PERSONAL = pattern(rules.personal_addresses);
/** Attributes that are out, with the finding and what takes their place. */
export const ATTRIBUTES = rules.attributes as unknown as Record<string, [string, string | null]>;
/** What is out, by kind, with the finding. */
export const OUT = {
  relations: rules.relations_out as Record<string, string>,
  types: rules.types_out as Record<string, string>,
  elements: rules.elements_out as Record<string, string>,
  elementsIn: rules.elements_out_in as Record<string, string>,
};

/** A value of a list, which never is one that every object has. */
export function of<Value>(list: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(list, name) ? list[name] : undefined;
}

/** What one archive's parts tell. `rest`: something stays that can name somebody. */
export class Work {
  words = new Set<string>();
  rest = false;

  constructor(readonly until: number) {}

  note(word: string): void {
    this.words.add(word || "other");
  }
}

/** A text without paths of Windows, macOS or Linux; of a path to a workbook its name stays. */
export function withoutPaths(text: string): string {
  if (!/[/\\~:%]/.test(text)) return text;
  // 'C:\Users\name\[book.xlsx]Sheet'!A1: what is before the bracket is the folder.
  return text.replace(PATHS, (path) => (path.includes("[") ? path.slice(path.lastIndexOf("[")) : ""));
}

/** Whether an address is of a person's own store, of a local file, or has a user's name in it. */
export const isPersonal = (address: string) => PERSONAL.test(address);
/** Whether a text names a file of somebody's computer. */
export const isFileName = (text: string) => FILE_NAMES.test(text);
