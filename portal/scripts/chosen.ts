// What chosen files would tell, said before they go.

import { preview } from "./sending.js";
import { fileLine } from "./words.js";

/** A line for each file, with what can be taken out of it; one after the other, so that one is in memory at a time. */
export async function linesOf(files: File[]): Promise<HTMLElement[]> {
  const lines = [];
  for (const file of files) lines.push(fileLine(file.name, file.size, await preview(file)));
  return lines;
}

/** Keep the lines of what is chosen in a box. */
export function showChosen(input: HTMLInputElement, box: HTMLElement): void {
  input.addEventListener("change", async () => {
    const { files } = input;
    const lines = await linesOf([...files!]);
    // Others may have been chosen meanwhile.
    if (files === input.files) box.replaceChildren(...lines);
  });
}
