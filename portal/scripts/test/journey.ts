// A reporter's whole way without the page's parts, for tests against a real server.

import { b64e, hexId, random } from "../format/encoding.js";
import { ChoiceNeeded, type Conversation, ReportGone, look } from "../page/conversation.js";
import { derive, parseCode, type Receipt } from "../format/receipt.js";
import { sendBeside } from "../page/beside.js";
import { ChooseAgain, Replacement, Report, forget, selfTest, sendFile, sendMessage } from "../page/sending.js";
import { fetchSite } from "../page/server.js";

async function opened(code: string): Promise<[Receipt, Conversation]> {
  const site = await fetchSite();
  const own = derive(parseCode(code), site.salt);
  return [own, await look(own, site)];
}

function shown(found: Conversation) {
  return {
    case: hexId(found.caseId),
    unchecked: found.unchecked,
    exclude: [...found.head.known.persons].sort(),
    stop: found.head.stop,
    number: found.head.known.number,
    entries: found.entries.map((one) => ({
      message: one.message,
      answers: one.answers,
      author: one.author?.keyId ?? "",
      files: one.files,
      newKeys: one.newKeys,
    })),
    statuses: found.statuses.map((one) => one.status),
  };
}

/** Why nothing was sent. */
function refused(error: unknown): string {
  if (error instanceof ChoiceNeeded || error instanceof ChooseAgain) return "choice needed";
  if (error instanceof ReportGone) return "report gone";
  throw error;
}

async function sentFiles(files: { name: string; type: string; octets: number[] }[]) {
  const made = files.map((one) => new File([Uint8Array.from(one.octets)], one.name, { type: one.type }));
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
    const report = new Report(async () => sendBeside);
    const entries = await sentFiles(files);
    const site = await fetchSite();
    const first = await report.send(answers, exclude, entries, site);
    const again = await report.send(answers, exclude, entries, site).then(
      (one) => one.kept,
      (error) => String(error.word),
    );
    return { code: report.code, first, again };
  },
  look: async (code: string) => shown((await opened(code))[1]),
  /** `ticked`: the persons who were chosen again; none where it was not asked. */
  async message(code: string, text: string, ticked?: string[]) {
    const [own, found] = await opened(code);
    const chosen = { persons: ticked ?? [], again: !!ticked };
    return sendMessage(random(16), { message: text }, [], own, found, chosen).catch(refused);
  },
  /** The same as the form that was sent before, with somebody more shut out. */
  async form(code: string, text: string, exclude: string[]) {
    const [own, found] = await opened(code);
    return sendMessage(random(16), { what_happened: text }, [], own, found, { persons: exclude, again: false });
  },
  async replace(code: string, ticked?: string[]) {
    const [own, found] = await opened(code);
    const fresh = new Replacement();
    const chosen = { persons: ticked ?? [], again: !!ticked };
    return fresh.send(own, found, chosen).then(() => fresh.code, refused);
  },
  /** A message from a page that was opened before another page of the code sent a form that shuts more persons out. */
  async late(code: string, text: string, exclude: string[]) {
    const [own, found] = await opened(code);
    await sendMessage(random(16), { what_happened: text }, [], own, (await opened(code))[1], {
      persons: exclude,
      again: false,
    });
    return sendMessage(random(16), { message: text }, [], own, found);
  },
  async forget(code: string) {
    const [own, found] = await opened(code);
    await forget(own, found);
  },
  lookup: async (code: string) => b64e(derive(parseCode(code), (await fetchSite()).salt).lookupId),
};

(globalThis as unknown as { journey: typeof journey }).journey = journey;
