// Bundles the page's scripts: node build.mjs <folder> [<entry> ...]. Same input, same bytes.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [folder, ...others] = process.argv.slice(2);
const entries = others.length
  ? others
  : [
      "page/leave.ts",
      "page/report.ts",
      "page/status.ts",
      "page/log.ts",
      "page/beside.ts",
      "page/files.ts",
      "page/furigana.ts",
      "cleaning/cleaning.ts",
      "cleaning/office.ts",
    ];

const made = await build({
  absWorkingDir: here,
  entryPoints: entries,
  bundle: true,
  charset: "utf8",
  format: "esm",
  legalComments: "none",
  minify: true,
  outdir: "out",
  target: ["es2022"],
  write: false,
});

mkdirSync(folder, { recursive: true });
const scripts = {};
for (const { path, contents } of made.outputFiles) {
  const name = basename(path, ".js");
  const sha256 = createHash("sha256").update(contents);
  const digest = sha256.digest();
  const file = `${name}-${digest.toString("hex").slice(0, 16)}.js`;
  scripts[name] = {
    file,
    sha256: digest.toString("hex"),
    integrity: `sha384-${createHash("sha384").update(contents).digest("base64")}`,
    size: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    // Made here, since the server has no Brotli of its own; quality 11 is node's own choice.
    brotli: brotliCompressSync(contents).length,
  };
  write(join(folder, file), contents);
  write(join(folder, `${file}.br`), brotliCompressSync(contents));
}
write(join(folder, "manifest.json"), `${JSON.stringify(scripts, null, 1)}\n`);

// What an earlier build left: a server reads the manifest once, at its start.
const kept = new Set(["manifest.json", ...Object.values(scripts).flatMap(({ file }) => [file, `${file}.br`])]);
for (const name of readdirSync(folder)) if (!kept.has(name)) rmSync(join(folder, name));

// A page loads one of the first three, with the exit in each; the others are fetched when a file is chosen.
for (const [name, script] of Object.entries(scripts)) {
  console.log(`${name}: ${script.size} bytes, ${script.gzip} with gzip, ${script.brotli} with Brotli`);
}

function write(path, contents) {
  writeFileSync(`${path}.part`, contents);
  renameSync(`${path}.part`, path);
}
