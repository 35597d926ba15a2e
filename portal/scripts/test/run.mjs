// Runs one of the functions of the tests' bundle: node run.mjs <bundle> <function>, its argument on standard input.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// "no-subtle": as on a page that is no secure context.
if (process.argv[4] === "no-subtle") Object.defineProperty(globalThis.crypto, "subtle", { value: undefined });
await import(pathToFileURL(process.argv[2]).href);
process.stdout.write(JSON.stringify(await globalThis.tests[process.argv[3]](JSON.parse(readFileSync(0, "utf8")))));
