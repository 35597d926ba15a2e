// A report that an auditor wrote down for somebody (docs/format.md, 2.14; crypto/intake.py).

import type { Card } from "./cards.js";
import { b64d, canonicalJson, concat, idFromHex, utf8 } from "./encoding.js";
import { Fault, fail } from "./errors.js";
import { verify } from "./keys.js";
import { signedKeys } from "./listing.js";
import type { Payload } from "./messages.js";
import { isIntake } from "./payloads.js";

/** How it came, on which day, whether the person was given the code, and who wrote it down. */
export interface Intake {
  channel: string;
  day: string;
  code: string;
  author: Card;
}

type Said = { channel: string; day: string; code: string; author: string; sig: string };

function without(fields: object, name: string): Payload {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name));
}

/** Null for a report that does not say so. Throws Fault where it does, and it does not hold. */
export function readIntake(payload: Payload, cards: Iterable<Card>): Intake | null {
  if (!("intake" in payload)) return null;
  if (!isIntake(payload.intake)) fail("PayloadFieldWrong");
  const said = payload.intake as Said;
  const author = [...cards].find((card) => card.keyId === said.author);
  if (!author || !signedKeys(payload)?.has(author.keyId)) fail("IntakeAuthor");
  let text;
  try {
    const ids = [payload.envelope_id, payload.case_id].map(idFromHex);
    const unsigned = { ...without(payload, "sig"), intake: without(said, "sig") };
    text = concat(utf8("mybk1/intake\n"), ...ids, canonicalJson(unsigned));
  } catch (error) {
    if (error instanceof Fault) fail("SignatureWrong");
    throw error;
  }
  verify(author.signPk, text, b64d(said.sig));
  return { channel: said.channel, day: said.day, code: said.code, author };
}
