// Reads an archive as MapLibre's plug-in does. Prints JSON: header, metadata, and for every "z/x/y" on standard input the
// SHA-256 of the tile, or null when there is none.
//
//   node read.mjs FILE < tiles.txt
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { PMTiles } from "pmtiles";

const file = await open(process.argv[2]);
const archive = new PMTiles({
  getKey: () => process.argv[2],
  async getBytes(offset, length) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return { data: buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + bytesRead) };
  },
});
const tiles = {};
for (const at of (await text(process.stdin)).split("\n").filter(Boolean)) {
  const tile = await archive.getZxy(...at.split("/").map(Number));
  tiles[at] = tile ? createHash("sha256").update(Buffer.from(tile.data)).digest("hex") : null;
}
console.log(JSON.stringify({ header: await archive.getHeader(), metadata: await archive.getMetadata(), tiles }));
