// A changed text goes beside the report that did arrive though its answer was lost. Rare, so it is a script of its own,
// fetched when it is needed. It takes and gives plain objects: classes and mangled names differ from script to script.

import type { FileEntry } from "../format/attachment.js";
import { ChoiceNeeded, look } from "./conversation.js";
import type { Bytes } from "../format/encoding.js";
import { Fault } from "../format/errors.js";
import type { Payload } from "../format/messages.js";
import { derive } from "../format/receipt.js";
import { type Certificate, NobodyLeft, type Ticked, sendMessage } from "./sending.js";
import { Refused, fetchSite } from "./server.js";

/** One of them: what was kept; persons who are known to be excluded, where the choice is asked for; why it failed. */
export interface Outcome {
  certificate?: Certificate;
  known?: Set<string>;
  isNobodyLeft?: boolean;
  refused?: { word: string; answer: Record<string, unknown> };
  fault?: { name: string; misuse: boolean };
}

/** `shown`: key ids of the readers that the form shows; nothing is sealed to anybody besides. */
export async function sendBeside(
  code: string,
  id: Bytes,
  answers: Payload,
  files: FileEntry[],
  ticked: Ticked,
  shown: Set<string>,
): Promise<Outcome> {
  try {
    const site = await fetchSite();
    if (site.active.some((card) => !shown.has(card.keyId))) throw new Refused("recipients");
    const own = await derive(code, site.salt);
    return { certificate: await sendMessage(id, answers, files, own, await look(own, site), ticked) };
  } catch (error) {
    if (error instanceof ChoiceNeeded) return { known: error.of.head.known.persons };
    if (error instanceof NobodyLeft) return { isNobodyLeft: true };
    if (error instanceof Refused) return { refused: { word: error.word, answer: error.answer } };
    if (error instanceof Fault) return { fault: { name: error.name, misuse: error.misuse } };
    throw error;
  }
}
