// What a verdict is called: the sentences of `meyasubako verify` (admin/verify/words.py), line by line.

import sentences from "../../../cases/data/verify_words.json";
import { type ActFields, type Judged, isShown } from "../log/certificatecheck.js";
import type { CodeSeen } from "./code.js";

/** A language of the page. */
export type Language = "ja" | "en";
type Words = Record<string, string>;
/** A further sentence with its values. */
export type More = [string, Record<string, string>];

/** The sentences of a language by name. */
export function wordsOf(language: Language): Words {
  return sentences[language];
}

function put(words: Words, name: string, values: Record<string, string | null> = {}): string {
  return words[name]!.replace(/%\((\w+)\)s/g, (_, gap: string) => values[gap] ?? "");
}

function actLines(words: Words, act: ActFields): string[] {
  const status = words[`status_${act.kind === "status" ? act.fields[1]! : ""}`] ?? words["status_other"]!;
  const lines = [put(words, act.kind, { day: act.day, status })];
  if (act.notice) lines.push(`    ${put(words, act.in_time ? "in_time" : "not_in_time", { day: act.cosigned })}`);
  return lines;
}

/** What a person wrote, by the field's name. */
export type Texts = [string, string][];

function contentLines(words: Words, contents: { kind: string; signed: boolean; texts?: Texts }[]): string[] {
  return contents.flatMap(({ kind, signed, texts = [] }) => [
    `  ${put(words, signed ? "content_signed" : "content_unsigned", { kind: words[`kind_${kind}`]! })}`,
    ...texts.flatMap(([name, text]) => [
      `    ${words[`field_${name}`]!}:`,
      ...text.split("\n").map((line) => `      ${line}`),
    ]),
  ]);
}

/** Why a verdict is bad or unreadable, with the fault's class in brackets. */
function reason(words: Words, { verdict, fault }: Judged): string {
  return `${words["what_is_wrong"]!}: ${words[`fault_${fault}`] ?? words[`fault_${verdict}`]!} [${fault}]`;
}

/** What to say of a file, line by line; two spaces a level. */
export function ofFile(judged: Judged, language: Language, more: More[] = []): string[] {
  const words = wordsOf(language);
  const lines = [words[judged.verdict]!];
  if (!isShown(judged)) {
    return [...lines, reason(words, judged), ...more.map(([name, values]) => put(words, name, values))];
  }
  const of = judged;
  if (of.lacking) lines.push(words[of.lacking]!);
  lines.push("", words["what_it_shows"]!);
  for (const act of of.acts) lines.push(...actLines(words, act).map((line) => `  ${line}`));
  if (of.kind === "certificate") lines.push(`  ${words["absence"]!}`);
  if (of.kind === "burying")
    lines.push(`  ${put(words, of.missing_day ? "buried_day" : "buried", { day: of.promised })}`);
  else if (of.promised) lines.push(`  ${put(words, "promised", { day: of.promised })}`);
  if (of.receipt) lines.push(`  ${put(words, "receipt", { day: of.receipt })}`);
  const restored = of.kind === "code" ? "restored_code" : "restored";
  lines.push(...of.restored.map((day) => `  ${put(words, restored, { day })}`));
  lines.push(...more.map(([name, values]) => `  ${put(words, name, values)}`));
  lines.push(...contentLines(words, of.contents));
  lines.push("", words["seen_by"]!);
  lines.push(...of.cosigners.map(({ outside, ...by }) => `  ${put(words, outside ? "outside" : "desk", by)}`));
  if (!of.cosigners.length) lines.push(`  ${words["nobody"]!}`);
  else if (of.lacking === "no_policy") lines.push(`  ${words["own_policy"]!}`);
  return [
    ...lines,
    put(words, "origin", { origin: of.origin }),
    put(words, "fingerprint", { print: of.fingerprint }),
    ...of.continues.map(({ origin, size }) => put(words, "continues", { origin, size: String(size) })),
    ...of.key_changes.map(({ day, fingerprint }) => put(words, "key_changed", { day, print: fingerprint })),
    words["is_text"]!,
  ];
}

/** What to say of a code and a copy of the log. */
export function ofCode({ judged, lastDay, notice }: CodeSeen, language: Language): string[] {
  const more: More[] = [];
  if (notice.state) more.push([`notice_${notice.state}`, { day: notice.by }]);
  if (notice.missing.length) more.push(["missing_days", { days: notice.missing.join(", ") }]);
  if (lastDay) more.push(["last_day", { day: lastDay }]);
  return ofFile(judged, language, more);
}
