// Builds the look of the reporter's site: node build.mjs <folder of node_modules> <folder>. Same input, same bytes.
//
// site.css: the style sheet with the values of the Digital Agency's design tokens (@digital-go-jp/design-tokens) in
// place of their names, minified. icons.json: the line icons (lucide-static) that templates put into the page, and
// the licences of both packages. Neither is committed.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const [packages, folder] = process.argv.slice(2);
const { transformSync } = createRequire(resolve(packages, "package.json"))("esbuild");
const TOKENS = join(packages, "@digital-go-jp", "design-tokens");
const LUCIDE = join(packages, "lucide-static");

mkdirSync(folder, { recursive: true });
const tokens = new Map(
  [...read(join(TOKENS, "dist", "tokens.css")).matchAll(/--([a-z0-9-]+):\s*([^;]+);/g)].map(([, name, value]) => [
    name,
    value,
  ]),
);

/** The value of a token, through tokens that name another. */
function value(name) {
  const text = tokens.get(name);
  if (text === undefined) throw new Error(`site.css names a token that the package does not have: ${name}`);
  return text.replace(/var\(--([a-z0-9-]+)\)/g, (_, other) => value(other));
}

const source = read(join(here, "site.css")).replace(/token\(([a-z0-9-]+)\)/g, (_, name) => value(name));
const { code } = transformSync(source, { loader: "css", minify: true, legalComments: "none" });
write("site.css", code);
write("site.css.br", brotliCompressSync(code));

const names = JSON.parse(read(join(here, "icons.json")));
const icons = Object.fromEntries(Object.entries(names).map(([name, file]) => [name, shapes(file)]));
const licences = Object.fromEntries(
  [TOKENS, LUCIDE].map((from) => [JSON.parse(read(join(from, "package.json"))).name, read(join(from, "LICENSE"))]),
);
write("icons.json", `${JSON.stringify({ icons, licences }, null, 1)}\n`);

/** What is inside an icon's svg element, without white space. */
function shapes(file) {
  const [, inside] = /<svg[^>]*>([^]*)<\/svg>/.exec(read(join(LUCIDE, "icons", `${file}.svg`)));
  return inside
    .trim()
    .replace(/\s*\/>/g, "/>")
    .replace(/>\s+</g, "><");
}

function read(path) {
  return readFileSync(path, "utf8");
}

/** Whole or not at all: a server may be reading it. */
function write(name, text) {
  const path = join(folder, name);
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
  console.log(`${name}: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} with gzip`);
}
