// What a certificate or a proof of burying shows, and to whom (docs/format.md, 5.9; crypto/certificate_check.py).

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, b64d, hex, same, unhex, utf8 } from "../format/encoding.js";
import { envelopeHash } from "../format/envelope.js";
import { Fault, fail } from "../format/errors.js";
import { verify } from "../format/keys.js";
import { leafHash, promiseText } from "../format/logleaf.js";
import { receiptText, verifyMessage } from "../format/messages.js";
import { openWithKey } from "../format/unseal.js";
import { type CertificateFile, type ShownContent, type ShownLeaf, isOpened, readCertificate } from "./certificate.js";
import { type Cosigner, cosignedOn, cosignersOf, lackingOf } from "./cosignatures.js";
import { type KeyChain, chainOfShown, isKeyLeaf } from "./keychange.js";
import { type Policy, readPolicy } from "./logproof.js";
import { type SignedCheckpoint, type VerifierKey, readCheckpoint } from "./note.js";
import { type LeafText, checkOpening } from "./openings.js";
import {
  type ContinuesLeaf,
  type DayLeaf,
  type SiteLeaf,
  isPlain,
  originOf,
  readCardLeaf,
  readDay,
  readRestored,
  readSite,
  wordOf,
} from "./plainleaf.js";
import { checkInclusion } from "./tlog.js";

const DAY = 86_400;
const COSIGN_DAYS = 10;
/** Leaves from elsewhere in the log that a proof of burying may have. */
const BESIDE_RUN = ["restored", "key"];
const KINDS: Record<number, string> = { 1: "report", 2: "message", 3: "answer" };

/** An act as `meyasubako verify --json` prints it. */
export interface ActFields {
  kind: string;
  index: number;
  day: string;
  fields: string[];
  notice: boolean;
  cosigned: string | null;
  in_time: boolean;
}

/** What a file shows, as `meyasubako verify --json` prints it. */
export interface VerifiedFields {
  kind: string;
  lacking: "" | "no_policy" | "no_witness" | "quorum";
  origin: string;
  /** Of the log's key, as people compare it (crypto/log_mirror.py). */
  fingerprint: string;
  sizes: number[];
  cosigners: Cosigner[];
  case: string;
  acts: ActFields[];
  promised: string | null;
  receipt: string | null;
  /** `texts`: what a page shows of it; no verdict has them. */
  contents: { kind: string; signed: boolean; texts?: [string, string][] }[];
  missing_day: boolean;
  restored: string[];
  /** Planned changes of the log's key, each with the new key's fingerprint. */
  key_changes: { day: string; fingerprint: string }[];
  /** Logs that this one is in place of: only a copy of the whole log shows them. */
  continues: ContinuesLeaf[];
}

/** What a file shows that nothing is wrong with. */
export type Shown = { verdict: "good" | "open"; fault: "" } & VerifiedFields;
/** A verdict: what is wrong, or what the file shows. */
export type Judged = { verdict: "bad" | "unreadable"; fault: string } | Shown;

/** Whether nothing is wrong. */
export function isShown(judged: Judged): judged is Shown {
  return judged.fault === "";
}

/** A day so many days later. */
export function daysLater(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY * 1000).toISOString().slice(0, 10);
}

/** A log's key as people compare it: eight groups of four hex digits, of the SHA-256 of its text. */
export function logFingerprint({ text }: VerifierKey): string {
  return hex(sha256(utf8(text)).slice(0, 16))
    .match(/.{4}/g)!
    .join(" ");
}

/** The changes of a log's key as they are told. */
export function changesOf({ changes }: KeyChain): VerifiedFields["key_changes"] {
  return changes.map((change) => ({ day: change.day, fingerprint: logFingerprint(change.new) }));
}

/** An act as it is told. `fields`: the opening's lines behind the case's id. */
export function actFields(opening: LeafText, index: number, day: string, cosigned: string | null): ActFields {
  const fields = opening.fields.slice(1);
  const { kind } = opening;
  const notice = kind === "answer" || (kind === "status" && fields[1] === "investigating");
  return countedFrom({ kind, index, day, fields, notice, cosigned, in_time: false }, cosigned);
}

/** An act with another day from which it counts under the rule. */
export function countedFrom(act: ActFields, cosigned: string | null): ActFields {
  return { ...act, cosigned, in_time: cosigned !== null && cosigned <= daysLater(act.day, COSIGN_DAYS) };
}

/** The keys of the log that the `key` leaves of a file give to a verifier with this policy. */
export function chainInFile({ shown, origin }: CertificateFile, policy: Policy): KeyChain {
  const changes = shown.filter(({ leaf }) => isKeyLeaf(leaf));
  return chainOfShown(
    policy.log,
    origin,
    changes.map(({ proof, leaf }): [number, Bytes] => [proof.index, leaf]),
  );
}

interface Opened {
  opening: LeafText;
  day: DayLeaf;
  shown: ShownLeaf;
}

/** One file against one policy. Each method is a step of the format and fails with its classes. */
class Checker {
  readonly signed = new Map<string, SignedCheckpoint>();
  readonly days: { shown: ShownLeaf; day: DayLeaf }[] = [];
  readonly cards = new Map<string, string>();
  readonly openings: Opened[] = [];
  readonly restored: string[] = [];
  readonly chain: KeyChain;
  #site: SiteLeaf | null = null;

  constructor(
    readonly file: CertificateFile,
    readonly policy: Policy,
  ) {
    this.chain = chainInFile(file, policy);
  }

  get site(): SiteLeaf {
    return this.#site ?? fail("CertificateSite");
  }

  proofs(): void {
    const { log, witnesses } = this.policy;
    if (log.name !== this.file.origin) fail("CheckpointOrigin");
    for (const { proof, leaf } of this.file.shown) {
      const signed =
        this.signed.get(proof.checkpoint) ?? readCheckpoint(proof.checkpoint, this.chain.keys, [...witnesses.values()]);
      this.signed.set(proof.checkpoint, signed);
      checkInclusion(leafHash(leaf), proof.index, signed.size, proof.hashes, signed.root);
    }
  }

  plain(): void {
    const [first] = this.file.shown;
    if (!first || first.proof.index || wordOf(first.leaf) !== "site") fail("CertificateSite");
    const site = readSite(first.leaf);
    if (originOf(site.salt) !== this.file.origin || !same(site.rule, sha256(utf8(this.file.rule)))) {
      fail("CertificateSite");
    }
    this.#site = site;
    for (const shown of this.file.shown) {
      const word = wordOf(shown.leaf);
      if (word === "card") {
        const card = readCardLeaf(shown.leaf);
        this.cards.set(card.keyId, card.signPk);
      } else if (word === "restored") {
        this.restored.push(readRestored(shown.leaf));
      } else if (word === "day") {
        const day = readDay(shown.leaf);
        const last = this.days.at(-1)?.day.day ?? "";
        if (day.first !== shown.proof.index || day.day <= last) fail("BatchMalformed");
        this.days.push({ shown, day });
      }
    }
  }

  opened(): void {
    for (const shown of this.file.shown.filter(isOpened)) {
      const opening = checkOpening(shown.leaf, shown.blinding, shown.opening);
      if (opening.kind === "rekey") fail("CertificateSecret");
      const { index } = shown.proof;
      const batch = this.days.find(({ day }) => day.first + day.plain < index && index < day.end);
      if (!batch) fail("CertificateDay");
      if (opening.fields[0] !== (this.openings[0]?.opening ?? opening).fields[0]) fail("CertificateCases");
      this.openings.push({ opening, day: batch.day, shown });
    }
  }

  promise(): void {
    const { promise, receipt, kind } = this.file;
    if (promise) {
      verify(this.site.sitePk, promiseText(promise.subject, promise.day), promise.sig);
      const isKept = this.openings.some(
        ({ shown, day }) => same(leafHash(shown.leaf), promise.subject) && day.day === promise.day,
      );
      if (kind === "certificate" && !isKept) fail("PromiseUnfit");
    }
    if (receipt) {
      verify(this.site.sitePk, receiptText(receipt.subject, receipt.day), receipt.sig);
      const said = hex(receipt.subject);
      const isNamed = ({ opening }: Opened) =>
        (opening.kind === "report" || opening.kind === "message") && opening.fields[2] === said;
      if (!this.openings.some(isNamed)) fail("ReceiptUnfit");
    }
  }

  content({ envelope, key }: ShownContent): { kind: string; signed: boolean } {
    const { kind: number, payload } = openWithKey(envelope, key);
    const kind = KINDS[number] ?? "";
    const digest = hex(sha256(envelope));
    const leaf = this.openings.find(({ opening }) => opening.kind === kind && opening.fields[1] === digest);
    const [caseId, , last] = leaf?.opening.fields ?? [];
    const named = kind === "answer" ? payload.author : hex(envelopeHash(envelope));
    if (!leaf || payload.case_id !== caseId || named !== last) fail("ContentUnfit");
    if (kind === "report") {
      verifyMessage(number, payload, b64d(payload.reporter_sign_pk));
      return { kind, signed: true };
    }
    const card = kind === "answer" ? this.cards.get(last!) : undefined;
    if (card !== undefined) verifyMessage(number, payload, unhex(card));
    return { kind, signed: card !== undefined };
  }

  /** Whether the log has no batch of the promised day at all. */
  buried(): boolean {
    const { promise } = this.file;
    if (this.signed.size !== 1) fail("BuryingCheckpoint");
    const { run, first, following } = this.#run();
    if (!promise || !(first.day <= promise.day && promise.day < following.day)) return fail("BuryingDay");
    if (run.some(({ leaf }) => same(leafHash(leaf), promise.subject))) fail("BuryingFalse");
    return first.day !== promise.day;
  }

  #run(): { run: ShownLeaf[]; first: DayLeaf; following: DayLeaf } {
    const [start, end, more] = this.days;
    if (!start || !end || more) return fail("BuryingGap");
    const { shown } = this.file;
    const [at, last] = [shown.indexOf(start.shown), shown.indexOf(end.shown)];
    const run = shown.slice(at, last + 1);
    const others = [...shown.slice(1, at), ...shown.slice(last + 1)];
    if (others.some(({ leaf }) => !BESIDE_RUN.includes(wordOf(leaf)))) fail("BuryingGap");
    const [first, following] = [start.day, end.day];
    const isWhole =
      run.length === following.first + 1 - first.first &&
      run.every(({ proof }, place) => proof.index === first.first + place) &&
      first.end <= following.first &&
      first.hidden >= this.site.hidden &&
      first.hidden % this.site.hidden === 0 &&
      run.every(
        ({ leaf, proof: { index } }) => isPlain(leaf) === !(index > first.first + first.plain && index < first.end),
      );
    return isWhole ? { run, first, following } : fail("BuryingGap");
  }
}

/** What a file shows to a verifier with this policy; null: to one without. Fails where the file is bad. */
function checkCertificate(file: CertificateFile, policy: Policy | null): VerifiedFields {
  const used = policy ?? file.ownPolicy;
  const checker = new Checker(file, used);
  checker.proofs();
  checker.plain();
  if (file.kind === "certificate") checker.opened();
  checker.promise();
  const contents = file.content.map((content) => checker.content(content));
  const missing = file.kind === "burying" && checker.buried();
  const checkpoints = [...checker.signed.values()];
  const acts = checker.openings.map(({ opening, day, shown: { proof } }) =>
    actFields(opening, proof.index, day.day, cosignedOn(used, proof.index, checkpoints)),
  );
  return {
    kind: file.kind,
    lacking: policy ? lackingOf(used, checkpoints) : "no_policy",
    origin: file.origin,
    fingerprint: logFingerprint(used.log),
    sizes: [...new Set(checkpoints.map(({ size }) => size))].sort((first, other) => first - other),
    cosigners: cosignersOf(used, checkpoints),
    case: checker.openings[0]?.opening.fields[0] ?? "",
    acts,
    promised: file.promise?.day ?? null,
    receipt: file.receipt?.day ?? null,
    contents,
    missing_day: missing,
    restored: checker.restored.filter((day) => file.promise !== null && day <= file.promise.day).sort(),
    key_changes: changesOf(checker.chain),
    continues: [],
  };
}

/** The verifier's own policy from its text; null for null. Fails with OwnPolicyMalformed. */
export function ownPolicy(text: string | null): Policy | null {
  if (text === null) return null;
  try {
    return readPolicy(text);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return fail("OwnPolicyMalformed");
  }
}

/** The verdict over a file's bytes. `policy`: the text of the verifier's own; null: there is none. */
export function judge(raw: Bytes, policy: string | null): Judged {
  let verdict: "unreadable" | "bad" = "unreadable";
  try {
    const own = ownPolicy(policy);
    const file = readCertificate(raw);
    verdict = "bad";
    const shown = checkCertificate(file, own);
    return { verdict: shown.lacking ? "open" : "good", fault: "", ...shown };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { verdict: error.name === "CheckpointOrigin" ? "bad" : verdict, fault: error.name };
  }
}
