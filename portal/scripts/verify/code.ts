// What a receipt code and a copy of the log give, without the server (docs/format.md, 5.9; crypto/code_reading.py).

import { type Bytes, hex, same } from "../format/encoding.js";
import { Fault, fail, faultName } from "../format/errors.js";
import { leafHash, logKey } from "../format/logleaf.js";
import { caseIdOf, rootOf as rootOfCode } from "../format/receipt.js";
import { type LoggedAct, actsIn } from "../log/acts.js";
import type { CertificateFile } from "../log/certificate.js";
import {
  type ActFields,
  type Judged,
  type Shown,
  actFields,
  changesOf,
  countedFrom,
  daysLater,
  logFingerprint,
  ownPolicy,
} from "../log/certificatecheck.js";
import { cosignedOn, cosignersOf, lackingOf } from "../log/cosignatures.js";
import { type KeyChain, chainOf, trustedBy } from "../log/keychange.js";
import { type Policy } from "../log/logproof.js";
import { type SignedCheckpoint, readCheckpoint } from "../log/note.js";
import {
  type Batch,
  type ContinuesLeaf,
  type SiteLeaf,
  readBatches,
  readContinues,
  readRestored,
  readSite,
  wordOf,
} from "../log/plainleaf.js";
import { rootOf } from "../log/tlog.js";

const NOTICE_DAYS = 20;
/** Epochs in which nothing opens, behind which no more are tried (5.4). */
const EMPTY_EPOCHS = 2;

/** A copy of a log. `leaves`: in order; `note`: its newest checkpoint with signatures. */
export interface LogFile {
  leaves: Bytes[];
  note: string;
}

/** What a code and a copy gave. `notice.state`: `given`, `not_given`, `waiting`; "" without a report. */
export interface CodeSeen {
  judged: Judged;
  lastDay: string | null;
  notice: { state: string; by: string; missing: string[] };
}

interface CheckedLog {
  site: SiteLeaf;
  policy: Policy;
  signed: SignedCheckpoint;
  batches: Batch[];
  restored: string[];
  chain: KeyChain;
}

const NO_NOTICE = { state: "", by: "", missing: [] };

function checkLog({ leaves, note }: LogFile, own: Policy | null): CheckedLog {
  const site = readSite(leaves[0] ?? fail("BatchMalformed"));
  const policy: Policy = own ?? { log: site.log, witnesses: new Map(), groups: new Map(), quorum: "" };
  const chain = trustedBy(chainOf(leaves), policy.log);
  const signed = readCheckpoint(note, chain.keys, [...policy.witnesses.values()]);
  const covered = leaves.slice(0, signed.size);
  if (covered.length < signed.size || !same(rootOf(covered.map(leafHash)), signed.root)) fail("ProofWrong");
  const batches = readBatches(covered, site.hidden);
  const plain = batches.flatMap((batch) => batch.plain).filter((leaf) => wordOf(leaf) === "restored");
  return { site, policy, signed, batches, restored: plain.map(readRestored).sort(), chain };
}

function continuedBy({ batches }: CheckedLog): ContinuesLeaf[] {
  return batches
    .flatMap(({ plain }) => plain)
    .filter((leaf) => wordOf(leaf) === "continues")
    .flatMap((leaf) => {
      try {
        return [readContinues(leaf)];
      } catch (error) {
        if (error instanceof Fault) return [];
        throw error;
      }
    });
}

function daysOf({ batches }: CheckedLog): string[] {
  return batches.flatMap(({ day }) => (day ? [day.day] : []));
}

/** What a file shows when the copy's cosignatures count too: who signed a later checkpoint of the same history has
 * signed the file's as well. Only where the copy reaches each checkpoint of the file, and for an own policy. */
function withCopy(file: CertificateFile, judged: Shown, { policy, signed, chain }: CheckedLog): Shown {
  const sizes = file.shown.map(({ checkpoint }) => checkpoint.size);
  if (judged.lacking === "no_policy" || Math.max(...sizes) > signed.size) return judged;
  const notes = [...new Set(file.shown.map(({ proof }) => proof.checkpoint))];
  const own = notes.map((note) => readCheckpoint(note, chain.keys, [...policy.witnesses.values()]));
  const everyone = [...own, signed];
  const both = own.map((each) => ({ ...each, cosigned: new Map([...signed.cosigned, ...each.cosigned]) }));
  const lacking = lackingOf(policy, both);
  const acts = judged.acts.map((act) => countedFrom(act, cosignedOn(policy, act.index, everyone)));
  return { ...judged, verdict: lacking ? "open" : "good", lacking, cosigners: cosignersOf(policy, everyone), acts };
}

/** A file's verdict beside a copy of its log: `bad` where the copy has another history than the file's checkpoints, else
 * with the copy's cosignatures counted for the file, and every `restored` leaf of the copy that matters. `more`: what to say besides. Fails where the copy is none of this log. */
export function besideCopy(
  file: CertificateFile,
  judged: Shown,
  copy: LogFile,
  policy: string | null,
): { judged: Judged; more: [string, Record<string, string>][] } {
  const log = checkLog(copy, ownPolicy(policy));
  if (log.policy.log.name !== file.origin) fail("CheckpointOrigin");
  const hashes = copy.leaves.slice(0, log.signed.size).map(leafHash);
  // Of one size there may be two.
  const others = new Map(file.shown.map(({ checkpoint, proof }) => [proof.checkpoint, checkpoint]));
  for (const { size, root } of others.values()) {
    if (size <= hashes.length && !same(rootOf(hashes.slice(0, size)), root)) {
      return { judged: { verdict: "bad", fault: "ProofWrong" }, more: [] };
    }
  }
  const { promise } = file;
  const counted = withCopy(file, judged, log);
  if (file.kind !== "burying" || !promise) return { judged: counted, more: [] };
  const there = log.restored.filter((day) => day <= promise.day);
  const restored = [...new Set([...judged.restored, ...there])].sort();
  const batch = log.batches.find(({ hidden }) => hidden.some((leaf) => same(leafHash(leaf), promise.subject)));
  const last = daysOf(log).at(-1) ?? "";
  const day = batch?.day?.day;
  return { judged: { ...counted, restored }, more: [day ? ["late", { day }] : ["nowhere", { day: last }]] };
}

/** The acts that a code opens in some batches, also what was written with the codes before it. */
export function actsOf(root: Bytes, batches: Batch[]): LoggedAct[] {
  const acts = new Map<number, LoggedAct>();
  for (let [epoch, empty] = [0, 0]; empty < EMPTY_EPOCHS; epoch++) {
    const opened = actsIn(batches, [logKey(root, epoch)]);
    for (const act of opened) acts.set(act.index, act);
    empty = opened.length ? 0 : empty + 1;
  }
  return [...acts.values()].sort((act, other) => act.index - other.index);
}

/** The case: the code's own, or the one that it took over. */
function caseOf(acts: LoggedAct[], own: string): string {
  const ids = acts.map(({ opening }) => opening.fields[0]!);
  const taken = acts.find(({ opening }) => opening.kind === "rekey")?.opening.fields[0];
  return ids.includes(own) ? own : (taken ?? ids[0] ?? "");
}

function noticeOf(acts: ActFields[], days: string[]): CodeSeen["notice"] {
  const lodged = acts.find(({ kind }) => kind === "report")?.day;
  const last = days.at(-1);
  if (!lodged || !last) return NO_NOTICE;
  const by = daysLater(lodged, NOTICE_DAYS);
  const span = Array.from({ length: NOTICE_DAYS + 1 }, (_, at) => daysLater(lodged, at));
  const missing = span.filter((day) => day <= last && !days.includes(day));
  const isGiven = acts.some(({ notice, day }) => notice && day <= by);
  return { state: isGiven ? "given" : last >= by ? "not_given" : "waiting", by, missing };
}

/** What a code (as `parseCode` returns it) and a copy of the log show to somebody with this policy's text. */
export function readByCode(code: string, copy: LogFile, policy: string | null): CodeSeen {
  let verdict: "unreadable" | "bad" = "unreadable";
  let log: CheckedLog;
  try {
    const own = ownPolicy(policy);
    verdict = "bad";
    log = checkLog(copy, own);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { judged: { verdict, fault: faultName(error) }, lastDay: null, notice: NO_NOTICE };
  }
  const root = rootOfCode(code, log.site.salt);
  const opened = actsOf(root, log.batches);
  const days = daysOf(log);
  const lastDay = days.at(-1) ?? null;
  if (!opened.length) {
    return { judged: { verdict: "unreadable", fault: "CodeOpensNothing" }, lastDay, notice: NO_NOTICE };
  }
  const caseId = caseOf(opened, hex(caseIdOf(root)));
  const acts = opened
    .filter(({ opening }) => opening.fields[0] === caseId)
    .map(({ opening, index, day }) => {
      const act = actFields(opening, index, day, cosignedOn(log.policy, index, [log.signed]));
      // What a `rekey` leaf holds is a key: it is shown to nobody.
      return act.kind === "rekey" ? { ...act, fields: [] } : act;
    });
  const lacking = policy === null ? "no_policy" : lackingOf(log.policy, [log.signed]);
  const judged: Judged = {
    verdict: lacking ? "open" : "good",
    fault: "",
    kind: "code",
    lacking,
    origin: log.policy.log.name,
    fingerprint: logFingerprint(log.policy.log),
    sizes: [log.signed.size],
    cosigners: cosignersOf(log.policy, [log.signed]),
    case: caseId,
    acts,
    promised: null,
    receipt: null,
    contents: [],
    missing_day: false,
    restored: log.restored,
    key_changes: changesOf(log.chain),
    continues: continuedBy(log),
  };
  return { judged, lastDay, notice: noticeOf(acts, days) };
}
