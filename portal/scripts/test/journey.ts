// A reporter's whole way without the page's parts, for tests against a real server.

import { b64e, hexId, random } from "../format/encoding.js";
import { ChoiceNeeded, type Conversation, ReportGone, look } from "../page/conversation.js";
import { derive, parseCode, type Receipt } from "../format/receipt.js";
import { sendBeside } from "../page/beside.js";
import { type Certificate, ChooseAgain, Replacement, Report, forget, selfTest, sendMessage } from "../page/sending.js";
import { lend, sendFile } from "../page/files.js";
import { Refused, fetchSite, sendPiece } from "../page/server.js";

lend({ sendPiece, refusal: (word) => new Refused(word) });

async function opened(code: string): Promise<[Receipt, Conversation]> {
  const site = await fetchSite();
  const own = await derive(parseCode(code), site.salt);
  return [own, await look(own, site)];
}

function shown(conversation: Conversation) {
  return {
    case: hexId(conversation.caseId),
    unchecked: conversation.unchecked,
    exclude: [...conversation.head.known.persons].sort(),
    stop: conversation.head.stop,
    number: conversation.head.known.number,
    entries: conversation.entries.map((entry) => ({
      message: entry.message,
      answers: entry.answers,
      author: entry.author?.keyId ?? "",
      files: entry.files,
      newKeys: entry.newKeys,
    })),
    statuses: conversation.statuses.map((entry) => entry.status),
  };
}

/** Why nothing was sent. */
function refused(error: unknown): string {
  if (error instanceof ChoiceNeeded || error instanceof ChooseAgain) return "choice needed";
  if (error instanceof ReportGone) return "report gone";
  throw error;
}

async function sentFiles(files: { name: string; type: string; octets: number[] }[]) {
  const made = files.map((file) => new File([Uint8Array.from(file.octets)], file.name, { type: file.type }));
  const entries = [];
  for (const file of made) entries.push(await sendFile(file, () => undefined));
  return entries;
}

const journey = {
  selfTest,
  async report(
    answers: Record<string, string>,
    exclude: string[],
    files: { name: string; type: string; octets: number[] }[],
  ) {
    const report = new Report(() => Promise.resolve(sendBeside));
    const entries = await sentFiles(files);
    const site = await fetchSite();
    const first = await report.send(answers, exclude, entries, site);
    const repeat = await report.send(answers, exclude, entries, site).catch((error: unknown) => error);
    const again = repeat instanceof Refused ? repeat.word : (repeat as Certificate).kept;
    return { code: report.code, first, again, promisedAgain: (repeat as Certificate).promise };
  },
  look: async (code: string) => shown((await opened(code))[1]),
  /** `ticked`: the persons who were chosen again; none where it was not asked. */
  async message(code: string, text: string, ticked?: string[]) {
    const [own, conversation] = await opened(code);
    const chosen = { persons: ticked ?? [], again: !!ticked };
    return sendMessage(random(16), { message: text }, [], own, conversation, chosen).catch(refused);
  },
  /** The same as the form that was sent before, with somebody more excluded. */
  async form(code: string, text: string, exclude: string[]) {
    const [own, conversation] = await opened(code);
    return sendMessage(random(16), { what_happened: text }, [], own, conversation, { persons: exclude, again: false });
  },
  async replace(code: string, ticked?: string[]) {
    const [own, conversation] = await opened(code);
    const fresh = new Replacement();
    const chosen = { persons: ticked ?? [], again: !!ticked };
    return fresh.send(own, conversation, chosen).then(() => fresh.code, refused);
  },
  /** A message from a page that was opened before another page of the code sent a form that excludes more persons. */
  async late(code: string, text: string, exclude: string[]) {
    const [own, conversation] = await opened(code);
    await sendMessage(random(16), { what_happened: text }, [], own, (await opened(code))[1], {
      persons: exclude,
      again: false,
    });
    return sendMessage(random(16), { message: text }, [], own, conversation);
  },
  async forget(code: string) {
    const [own, conversation] = await opened(code);
    return (await forget(own, conversation)).length;
  },
  lookup: async (code: string) => b64e((await derive(parseCode(code), (await fetchSite()).salt)).lookupId),
};

(globalThis as unknown as { journey: typeof journey }).journey = journey;
