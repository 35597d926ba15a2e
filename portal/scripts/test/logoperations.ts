// What the operations of the log's vectors do, as in tests/crypto/log_operations.py.

import { type Bytes, b64d, hex, unhex, utf8 } from "../format/encoding.js";
import { parseCard, parseRetirement } from "../format/cards.js";
import { Fault } from "../format/errors.js";
import { Listing } from "../format/listing.js";
import { faultName } from "../format/errors.js";
import * as logleaf from "../format/logleaf.js";
import { fromRoot, parseCode } from "../format/receipt.js";
import { readCertificate } from "../log/certificate.js";
import { isShown, judge } from "../log/certificatecheck.js";
import * as keychange from "../log/keychange.js";
import { loggedLength } from "../log/loggedlist.js";
import { LogCopy } from "../log/copy.js";
import * as logproof from "../log/logproof.js";
import * as note from "../log/note.js";
import * as openings from "../log/openings.js";
import * as plainleaf from "../log/plainleaf.js";
import * as tlog from "../log/tlog.js";
import { actsOf, besideCopy, readByCode } from "../verify/code.js";

type Given = Record<string, any>;

const all = (texts: string[]) => texts.map(unhex);

/** The hashes of the leaves "leaf 0", "leaf 1" and so on. */
function hashes(size: number): Bytes[] {
  return Array.from({ length: size }, (_, at) => logleaf.leafHash(utf8(`leaf ${at}`)));
}

function keysOf(given: Given): [note.VerifierKey, note.VerifierKey[]] {
  return [note.readKey(given.log), (given.witnesses ?? []).map(note.readKey)];
}

function told({ size, root, cosigned }: note.SignedCheckpoint) {
  return { size, root: hex(root), cosigned: Object.fromEntries([...cosigned].map(([key, time]) => [key.name, time])) };
}

function placesOf(given: Given): logleaf.Place[] {
  return (given.readers as Given[]).map((card) => ({ keyId: unhex(card.key_id), boxPk: unhex(card.box_pk) }));
}

function check(isRight: boolean): void {
  if (!isRight) throw new Error("differs");
}

/** A hidden leaf of this length; what is in it does not matter. */
function hiddenLeaf(length: number): Bytes {
  return new Uint8Array(length).fill(7);
}

const PLAIN: Record<string, (leaf: Bytes) => unknown> = {
  site: (leaf) => {
    const read = plainleaf.readSite(leaf);
    return { origin: read.log.name, hidden: read.hidden, site_pk: hex(read.sitePk) };
  },
  day: (leaf) => {
    const { day, first, end } = plainleaf.readDay(leaf);
    return { day, first, end };
  },
  card: (leaf) => {
    const { keyId, duty } = plainleaf.readCardLeaf(leaf);
    return { key_id: keyId, duty };
  },
};

export const LOG_OPERATIONS: Record<string, (given: Given) => unknown> = {
  inclusion: (given) => {
    const [leaf, root] = [unhex(given.leaf_hash), unhex(given.root)];
    tlog.checkInclusion(leaf, given.index, given.size, all(given.proof), root);
    return "holds";
  },
  consistency: (given) => {
    const [oldRoot, root] = [unhex(given.old_root), unhex(given.root)];
    tlog.checkConsistency(given.old, oldRoot, given.size, root, all(given.proof));
    return "holds";
  },
  tree_root: (given) => hex(tlog.rootOf(hashes(given.size))),
  tree_consistency: (given) => tlog.consistencyProof(hashes(given.size), given.old).map(hex),
  tile_path: (given) => tlog.tilePath(given.level, given.number, given.width),
  tile_paths: (given) => tlog.tilePaths(given.size).map((tile) => tlog.tilePath(...tile)),
  bundle: (given) => {
    const leaves = tlog.bundleEntries(unhex(given.raw));
    return { leaves: leaves.length, root: hex(tlog.rootOf(leaves.map(logleaf.leafHash))) };
  },
  verifier_key: (given) => {
    const key = note.readKey(given.text);
    check(key.text === given.text);
    return { name: key.name, type: key.type, pk: hex(key.pk) };
  },
  note_signers: (given) => {
    const read = note.readNote(given.note);
    return { text: read.text, times: [...note.signers(read, [note.readKey(given.vkey)]).values()] };
  },
  checkpoint: (given) => told(note.readCheckpoint(given.note, ...keysOf(given))),
  policy: (given) => {
    const read = logproof.readPolicy(given.text);
    if ("note" in given) {
      return [...logproof.signedBy(read, logproof.checkQuorum(read, given.note).cosigned.keys())].sort();
    }
    return { log: read.log.name, witnesses: [...read.witnesses.keys()].sort(), quorum: read.quorum };
  },
  proof_file: (given) => {
    const { proof, signed } = logproof.checkProof(given.file, utf8(given.leaf), ...keysOf(given));
    check(logproof.proofText(proof) === given.file);
    const made = tlog.inclusionProof(tlog.subtrees(hashes(signed.size)), proof.index, signed.size);
    check(made.map(hex).join() === proof.hashes.map(hex).join());
    return { index: proof.index, ...told(signed) };
  },
  open_leaf: (given) => {
    const [key, leaf] = [unhex(given.log_key), unhex(given.leaf)];
    const opening = "readers" in given ? openings.checkLeaf(key, leaf, placesOf(given)) : openings.openLeaf(key, leaf);
    return opening.text;
  },
  show_leaf: (given) => openings.checkOpening(unhex(given.leaf), unhex(given.blinding), utf8(given.opening)).kind,
  plain_leaf: (given) => {
    const leaf = utf8(given.leaf);
    return "as" in given ? PLAIN[given.as]!(leaf) : plainleaf.wordOf(leaf);
  },
  batches: (given) => {
    const leaves = given.leaves.map((leaf: string | number) =>
      typeof leaf === "string" ? utf8(leaf) : hiddenLeaf(leaf),
    );
    return plainleaf
      .readBatches(leaves, given.hidden, given.first ?? 0)
      .map((batch) => [batch.first, batch.plain.length, batch.hidden.length]);
  },
  batch_time: (given) => [plainleaf.lastBatchTime(given.seconds), plainleaf.dayOfBatch(given.seconds)],
  open_promise: async (given) => {
    const own = await fromRoot(unhex(given.root));
    const { leaf, day } = plainleaf.openPromise(unhex(given.sealed), own.mailbox, unhex(given.site_pk));
    return { leaf: hex(leaf), day };
  },
  logged_list: (given) => {
    const documents = given.list.map((entry: Given) =>
      "card" in entry ? parseCard(utf8(entry.card)) : parseRetirement(utf8(entry.retirement)),
    );
    const list = new Listing(documents);
    const length = loggedLength(given.log, list, unhex(given.salt));
    return {
      length,
      sealed_to: list
        .sealedTo(length)
        .map(({ keyId }) => keyId)
        .sort(),
    };
  },
  opened_leaves: (given) => {
    const day = { day: "2026-11-27", first: -1, plain: 0, hidden: 16, end: 16, roster: "", rules: "" };
    const acts = actsOf(unhex(given.root), [{ first: -1, day, plain: [], hidden: all(given.leaves) }]);
    return acts.map(({ index, opening }) => [index, opening.kind]);
  },
  continues_leaf: (given) => ({ ...plainleaf.readContinues(utf8(given.leaf)) }),
  log_key_leaf: (given) => {
    const read = keychange.checkKeyLeaf(utf8(given.leaf), unhex(given.salt));
    return { day: read.day, old: read.old.text, new: read.new.text };
  },
  log_key_chain: (given) => {
    const { keys, faults } = keychange.chainOf((given.leaves as string[]).map(utf8));
    return { keys: keys.map(({ since, key }) => [since, key.text]), faults };
  },
  desk_witness: (given) => {
    const salt = unhex(given.salt);
    const read = plainleaf.readWitness(utf8(given.document), salt);
    plainleaf.checkWitness(read, salt, unhex(given.sign_pk));
    return { key_id: read.keyId, name: read.vkey.name };
  },
  certificate: (given) => {
    const { at = 0, cut = 0, put = "" } = given.edit ?? {};
    const file = given.file.slice(0, at) + put + given.file.slice(at + cut);
    const judged = judge(utf8(file), given.policy);
    if (judged.fault) throw new Fault(judged.fault);
    return judged;
  },
  beside_copy: (given) => {
    const raw = utf8(given.file);
    const copy = { leaves: tlog.bundleEntries(unhex(given.leaves)), note: given.note };
    const alone = judge(raw, given.policy);
    if (!isShown(alone)) throw new Fault(alone.fault);
    const { judged } = besideCopy(readCertificate(raw), alone, copy, given.policy);
    if (judged.fault) throw new Fault(judged.fault);
    return judged;
  },
  read_code: (given) => {
    const copy = { leaves: tlog.bundleEntries(unhex(given.leaves)), note: given.note };
    const { judged, lastDay, notice } = readByCode(parseCode(given.code), copy, given.policy);
    if (judged.fault) throw new Fault(judged.fault);
    return { ...judged, last_day: lastDay, notice: { ...notice, by: notice.by || null } };
  },
};

/** Read what is served below /log/ (`files`: b64 by path): which batches the days have, a proof file for each index, and
 * the paths that were asked for; or the fault's name. */
export async function logCopy(given: Given): Promise<unknown> {
  const asked: string[] = [];
  const fetchFile = (path: string) => {
    asked.push(path);
    return path in given.files ? Promise.resolve(b64d(given.files[path])) : Promise.reject(new Error(path));
  };
  try {
    const site = {
      salt: unhex(given.salt),
      vkey: given.vkey,
      hidden: given.hidden,
      keys: [],
      cards: new Map<string, Bytes>(),
    };
    const copy = await LogCopy.open(fetchFile, site);
    const days: unknown[] = [];
    for (const day of given.days) {
      const batch = await copy.batchOf(day);
      days.push(batch && [batch.first, batch.plain.length, batch.hidden.length]);
    }
    const proofs: string[] = [];
    for (const index of given.indexes) proofs.push(await copy.proof(index));
    return { days, proofs, newest: (await copy.newestDay())?.day ?? "", texts: await copy.namesTexts(), asked };
  } catch (error) {
    return faultName(error);
  }
}
