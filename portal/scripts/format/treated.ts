// What a case is treated as, by its auditors' answers (docs/format.md, 2.17; crypto/treated.py).

/** The first of the answers that say what the last word on it is, without another word between; none: undefined.
 * `answers`: those that count, in the order of the feed. */
export function treatedAs<Answer extends { treated: string }>(answers: Answer[]): Answer | undefined {
  const said = answers.filter(({ treated }) => treated);
  const last = said.at(-1)?.treated;
  return said[said.map(({ treated }) => treated !== last).lastIndexOf(true) + 1];
}
