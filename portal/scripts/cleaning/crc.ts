// The checksum of PNG chunks and ZIP entries (CRC-32, ISO 3309).

let table: Uint32Array | undefined;

/** The CRC-32 of PNG and ZIP. */
export function crc32(raw: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
    return byte;
  });
  let sum = -1;
  for (const byte of raw) sum = table[(sum ^ byte) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
