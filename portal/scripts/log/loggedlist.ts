// How much of the list of readers is in the log, as a site shows it (docs/format.md, 1.4, 5.3, 8.1;
// crypto/logged_list.py). Nothing is sealed to a card that is not.

import { type Bytes, b64d, hex, unhex } from "../format/encoding.js";
import { fail } from "../format/errors.js";
import type { Listing } from "../format/listing.js";
import { leafHash } from "../format/logleaf.js";
import { checkpointOf, readKey, readNote, signers } from "./note.js";
import { checkInclusion } from "./tlog.js";

const NAMED = /^mybk1\/(?:day\n\d{4}-\d\d-\d\d\n\d+\n\d+\n\d+\n([0-9a-f]{64})\n[0-9a-f]{64}|list\n([0-9a-f]{64}))\n$/;

/** How many documents of a list the newest `day` or `list` leaf names. `log`: the field of /keys.json. Throws Fault
 * ListUnproved for whatever does not fit. */
export function loggedLength(log: unknown, list: Listing, salt: Bytes): number {
  let length = -1;
  try {
    const { vkey, listed } = log as { vkey: string; listed: Record<string, unknown> };
    const key = readKey(vkey);
    const leaf = b64d(listed.leaf);
    const note = readNote(listed.checkpoint as string);
    const proof = (listed.proof as unknown[]).map(b64d);
    if (key.name === `meyasubako/${hex(salt)}` && key.type === 1 && signers(note, [key]).size) {
      const { size, root } = checkpointOf(note.text, key.name);
      checkInclusion(leafHash(leaf), listed.index as number, size, proof, root);
      const [, day, alone] = NAMED.exec(new TextDecoder().decode(leaf))!;
      length = list.lengthOf(unhex(day ?? alone!));
    }
  } catch {
    // Whatever it was, the list is not shown to be the log's.
  }
  return length < 0 ? fail("ListUnproved") : length;
}
