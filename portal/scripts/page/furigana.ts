// Furigana in the page's own sentences: 漢字《かんじ》 is shown as <ruby> (portal/labels/furigana.py).

type Part = readonly [text: string, reading: string];

const WORD = /(?:｜([^｜《》\n]{1,20})|([々〆㐀-䶿一-鿿豈-﫿]+))《([ぁ-ゖー]{1,20})》/gu;

/** Sentences with readings that were said in this turn of the browser; nothing of them is kept longer. */
const lately = new Map<string, Part[]>();

/** The pieces of a text in the notation; the reading is "" where there is none. */
export function parts(text: string): Part[] {
  const pieces: Part[] = [];
  let end = 0;
  for (const word of text.matchAll(WORD)) {
    pieces.push([text.slice(end, word.index), ""], [word[1] ?? word[2]!, word[3]!]);
    end = word.index + word[0].length;
  }
  pieces.push([text.slice(end), ""]);
  return pieces.filter(([piece]) => piece);
}

/** A text without its readings. `put`: puts values into a piece of it, after it was read. */
export function plainly(text: string, put = (piece: string) => piece): string {
  const lines = text.split("\n").map((line) => {
    const read = parts(line).map(([piece, reading]): Part => [put(piece), reading]);
    const plain = read.map(([piece]) => piece).join("");
    if (read.some(([, reading]) => reading)) {
      if (!lately.size) queueMicrotask(() => lately.clear());
      // A line's mark of a heading is not shown.
      lately.set(plain.replace(/^#/, ""), [[read[0]![0].replace(/^#/, ""), read[0]![1]], ...read.slice(1)]);
    }
    return plain;
  });
  return lines.join("\n");
}

function ruby([piece, reading]: Part): Node {
  const [shown, small] = [document.createElement("ruby"), document.createElement("rt")];
  small.textContent = reading;
  small.ariaHidden = "true";
  shown.append(piece, small);
  return shown;
}

/** A text as nodes, with the readings of the sentences of the page in it; one element where there are any. */
export function shown(text: string): Node[] {
  const nodes = withReadings(text);
  if (nodes.length < 2) return nodes;
  const around = document.createElement("span");
  around.append(...nodes);
  return [around];
}

function withReadings(text: string): Node[] {
  for (const [sentence, said] of [...lately].sort(([a], [b]) => b.length - a.length)) {
    const start = text.indexOf(sentence);
    if (start >= 0)
      return [
        ...withReadings(text.slice(0, start)),
        // A value that was put into it has readings of its own.
        ...said.flatMap((part) => (part[1] ? [ruby(part)] : withReadings(part[0]))),
        ...withReadings(text.slice(start + sentence.length)),
      ];
  }
  return text ? [new Text(text)] : [];
}

/** Days of the month whose reading is not the number's with にち, from the first on. */
const DAYS = "ついたち ふつか みっか よっか いつか むいか なのか ようか ここのか とおか".split(" ");
[DAYS[13], DAYS[19], DAYS[23]] = ["じゅうよっか", "はつか", "にじゅうよっか"];

/** A day in Japanese (2026年12月1日) with its readings. */
export function readDay(day: string): string {
  return day.replace(/年(\d+)月(\d+)日/, (_, month: string, number: string) => {
    const reading = DAYS[+number - 1];
    return `年《ねん》${month}月《がつ》${reading ? `｜${number}日《${reading}》` : `${number}日《にち》`}`;
  });
}
