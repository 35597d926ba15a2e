// Office files (docx, xlsx, pptx): a new archive of the known parts, without people, dates and paths, by the server's
// rules (docs/cleaning.md; portal/cleaning/office). Fetched only when such a file is chosen.

import { pack, unpack } from "./archive.js";
import { type Cleaned, isPicture, strip } from "./cleaning.js";
import { type Bytes } from "../format/encoding.js";
import { CannotClean, begins } from "./findings.js";
import { cleanMarkup } from "./officemarkup.js";
import { Package, type Part } from "./officepackage.js";
import { Work } from "./officerules.js";

/** Office files within Office files that are cleaned. */
const DEEPEST = 2;
/** Milliseconds for one file. */
const TIME = 30000;
const ZIP = "PK\x03\x04";

function cleaned(raw: Bytes, depth: number, until: number): { data: Bytes; work: Work } {
  const work = new Work(until);
  const parcel = new Package(unpack(raw, work), work);
  for (const part of parcel.parts) if (part.word !== undefined) parcel.remove(part);
  for (const part of parcel.parts) cleanPart(parcel, part, work, depth);
  parcel.rename();
  return { data: pack(parcel.files()), work };
}

/** Replace a part's content by what stays of it; one that can't be cleaned stays and is said. */
function cleanPart(of: Package, part: Part, work: Work, depth: number): void {
  if (performance.now() > work.until) throw new CannotClean();
  try {
    if (isPicture(part.content)) {
      const { data, tells } = strip(part.content, false);
      part.content = data;
      tells.forEach((word) => work.note(word));
    } else if (begins(part.content, ZIP) && depth < DEEPEST) {
      const inner = cleaned(part.content, depth + 1, work.until);
      part.content = inner.data;
      inner.work.words.forEach((word) => work.note(word));
      work.rest ||= inner.work.rest;
    } else if (part.isXml) {
      part.content = cleanMarkup(part, of.keptIds(part), work);
      work.rest ||= part.tells;
    } else work.rest = true;
  } catch (error) {
    if (part === of.main || !(error instanceof CannotClean)) throw error;
    work.rest = true;
  }
}

/** Clean an Office file; any other archive, an encrypted or an odd one comes back as it is. */
export function clean(raw: Bytes): Cleaned {
  try {
    const { data, work } = cleaned(raw, 0, performance.now() + TIME);
    const words = [...work.words].sort();
    return {
      data,
      about: "office",
      cleaned: work.rest ? "partly" : words.length ? "removed" : "nothing",
      found: words,
    };
  } catch (error) {
    if (!(error instanceof CannotClean)) throw error;
    // Nearly every Office file begins with the part that says the types of the others.
    const about = begins(raw, "[Content_Types].xml", 30) ? "damaged" : "archive";
    return { data: raw, about, cleaned: "not", found: [] };
  }
}
