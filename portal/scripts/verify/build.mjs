// Builds the verify page: node verify/build.mjs <site.css> <file> [<policy>]. One file that needs no other; same input,
// same bytes. The policy is that of anyone who hands the page out.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transformSync } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [look, file, policy] = process.argv.slice(2);
const read = (path) => readFileSync(path, "utf8");

const made = await build({
  absWorkingDir: here,
  entryPoints: ["page.ts"],
  bundle: true,
  charset: "utf8",
  format: "iife",
  legalComments: "none",
  loader: { ".sh": "text" },
  minify: true,
  target: ["es2022"],
  write: false,
});
// A script ends at the first "</script", wherever it stands.
const script = made.outputFiles[0].text.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
const style = read(look) + transformSync(read(join(here, "page.css")), { loader: "css", minify: true }).code;
const words = JSON.parse(read(join(here, "../../../cases/data/verify_words.json")));
const hash = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
const escape = (text) =>
  text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/\n/g, "&#10;");
const parts = {
  policy: policy ? ` data-policy="${escape(read(policy))}"` : "",
  script_hash: hash(script),
  style_hash: hash(style),
  no_script: `${words.ja.ui_no_script} <span lang="en">${words.en.ui_no_script}</span>`,
  style,
  script,
};
const page = read(join(here, "page.html")).replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(`${file}.part`, page);
renameSync(`${file}.part`, file);
console.log(`${file.split(/[\\/]/).at(-1)}: ${Buffer.byteLength(page)} bytes`);
