// Unpacks a brotli file: node unpack.mjs FILE INTO. Python has no brotli of its own.
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [, , file, into] = process.argv;
await pipeline(createReadStream(file), createBrotliDecompress(), createWriteStream(into));
