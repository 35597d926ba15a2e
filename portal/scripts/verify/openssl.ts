// The lines by which openssl and a shell check a file, with the file's own values (admin/verify/openssl.py makes the
// same). Nothing is checked here: openssl does.

import functions from "../../../cases/data/verify_openssl.sh";
import { utf8 } from "../format/encoding.js";
import { type CertificateFile, type ShownLeaf, isOpened } from "../log/certificate.js";
import { chainInFile } from "../log/certificatecheck.js";
import { type KeyChain } from "../log/keychange.js";
import { type Policy, hasQuorum } from "../log/logproof.js";
import { ED25519, type LogKeys, type Note, type VerifierKey, readNote, stdEncode } from "../log/note.js";
import { wordOf } from "../log/plainleaf.js";

function quoted(...words: (string | number)[]): string {
  return words.map((word) => `'${String(word).replaceAll("'", "'\\''")}'`).join(" ");
}

function signature({ lines }: Note, key: VerifierKey): string {
  const line = lines.find(({ name, keyId }) => name === key.name && keyId === key.keyId);
  if (!line) return "";
  return stdEncode(key.type === ED25519 ? line.signature : line.signature.slice(8));
}

function timeOf(raw: Uint8Array): string {
  return raw
    .slice(0, 8)
    .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
    .toString();
}

function changeLines({ origin }: CertificateFile, { keys, changes }: KeyChain): string[] {
  const salt = origin.slice(origin.indexOf("/") + 1);
  const lines = changes.map((change, at) => {
    const parts = [change.old.pk, change.new.pk, change.oldSig, change.newSig].map(stdEncode);
    return `change ${quoted(keys[at + 1]!.since - 1, change.day, salt, ...parts)}`;
  });
  return lines.length ? [...lines, "follow"] : [];
}

function checkpoint(text: string, policy: Policy, keys: LogKeys): { lines: string[]; claimed: Set<VerifierKey> } {
  const note = readNote(text);
  const [origin, size, root] = note.text.split("\n") as [string, string, string];
  const signer = keys.filter(({ since }) => since <= Number(size)).at(-1)!.key;
  const lines = [`checkpoint ${quoted(origin, size, root, signature(note, signer))}`];
  const claimed = new Set<VerifierKey>();
  for (const [name, key] of policy.witnesses) {
    for (const line of note.lines) {
      if (line.name !== key.name || line.keyId !== key.keyId) continue;
      const parts = [name, stdEncode(key.pk), timeOf(line.signature), stdEncode(line.signature.slice(8))];
      lines.push(`witness ${quoted(...parts)}`);
      claimed.add(key);
    }
  }
  return { lines, claimed };
}

function leafLines(shown: ShownLeaf): string[] {
  const { index, hashes } = shown.proof;
  const lines = [`leaf ${quoted(index, stdEncode(shown.leaf), ...hashes.map(stdEncode))}`];
  if (isOpened(shown)) lines.push(`opened ${quoted(stdEncode(shown.blinding), stdEncode(shown.opening))}`);
  return lines;
}

function runLines({ shown, promise }: CertificateFile): string[] {
  const days = shown.filter(({ leaf }) => wordOf(leaf) === "day").map(({ proof }) => proof.index);
  const [first, last] = [days[0] ?? Infinity, days.at(-1) ?? -1];
  const between = shown.map(({ proof }) => proof.index).filter((index) => index >= first && index <= last);
  return [
    `run ${quoted(...between)}`,
    `within ${promise?.day.replaceAll("-", "") ?? ""}`,
    '[ -z "$there" ] || bad "the promised leaf is there: leaf $there"',
  ];
}

/** A shell script that checks a file. `policy`: the verifier's own; null: the file's, and never good. */
export function opensslLines(file: CertificateFile, policy: Policy | null): string {
  const used = policy ?? file.ownPolicy;
  const lines = [functions, `log ${quoted(used.log.name, stdEncode(used.log.pk))}`];
  lines.push(`[ ${quoted(used.log.name)} = ${quoted(file.origin)} ] || bad "another log"`);
  const chain = chainInFile(file, used);
  lines.push(...changeLines(file, chain));
  const { promise, receipt } = file;
  if (promise && file.kind === "burying") lines.push(`promised=${quoted(stdEncode(promise.subject))}`);
  let [last, enough] = ["", true];
  for (const shown of file.shown) {
    if (shown.proof.checkpoint !== last) {
      last = shown.proof.checkpoint;
      const added = checkpoint(last, used, chain.keys);
      lines.push(...added.lines);
      enough &&= used.quorum !== "" && hasQuorum(used, added.claimed);
    }
    lines.push(...leafLines(shown));
    if (shown.proof.index === 0) lines.push(`rule ${quoted(stdEncode(utf8(file.rule)))}`);
  }
  if (promise) lines.push(`promise ${quoted(promise.day, stdEncode(promise.subject), stdEncode(promise.sig))}`);
  if (receipt) lines.push(`receipt ${quoted(receipt.day, stdEncode(receipt.subject), stdEncode(receipt.sig))}`);
  if (file.kind === "burying") lines.push(...runLines(file));
  if (!policy) lines.push("open 'whose log this is was not checked: there was no policy'");
  else if (!enough) lines.push("open 'too few witnesses of your policy'");
  return `${[...lines, "[ $verdict -eq 0 ] && echo GOOD", "exit $verdict"].join("\n")}\n`;
}
