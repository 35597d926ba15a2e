// What chosen files would tell, said before they go.

import { preview } from "./sending.js";
import { fileLine } from "./words.js";

/** A line for each file, with what can be taken out of it. */
export function linesOf(files: File[]): Promise<HTMLElement[]> {
  return Promise.all(files.map(async (file) => fileLine(file.name, file.size, await preview(file))));
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
