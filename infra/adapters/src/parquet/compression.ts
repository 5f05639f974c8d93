// Page compression. zstd runs natively in Node and is what archive objects are written with; other
// writers' codecs are decoded by hyparquet-compressors.
import { promisify } from "node:util";
import { constants, zstdCompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { CompressionCodec } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { corrupt } from "./corrupt.ts";

const compress = promisify(zstdCompress);
/** Level 1: nearly the ratio of 3 at twice its speed on JSON. */
const LEVEL = { [constants.ZSTD_c_compressionLevel]: 1 };

/** Below this, handing over to another thread costs more than compressing. */
const SMALL_BYTES = 1 << 16;

/** Above what Node ever takes from its pool. */
const LEAST_RELEASED = 1 << 16;

/** One zstd frame; a large one is made off the main thread. */
export async function zstd(bytes: Uint8Array): Promise<Uint8Array> {
  const options = { params: LEVEL, chunkSize: Math.max(1024, bytes.length >>> 1) };
  return bytes.length < SMALL_BYTES ? zstdCompressSync(bytes, options) : compress(bytes, options);
}

/** Where the output fills its room, Node allocates as much again before it sees that nothing follows. */
const roomFor = (sizeBytes: number): number => Math.max(64, sizeBytes + 1);

/**
 * Gives back what `decompress` or `Buffer.allocUnsafe` allocated for `bytes` alone. Typed arrays are freed by full collections,
 * and their bytes set these off: pages would be most of them, and pages are read once. Nobody may hold a view.
 */
export function release({ buffer, byteOffset, length }: Uint8Array): void {
  // What is smaller may stand in Node's pool; of what is as large, nothing else is in its buffer.
  if (length < LEAST_RELEASED || byteOffset !== 0 || buffer.byteLength > length + 1) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

export function decompress(
  codec: CompressionCodec,
  bytes: Uint8Array,
  sizeBytes: number,
): Uint8Array {
  if (codec === "UNCOMPRESSED") return bytes;
  if (sizeBytes === 0) return new Uint8Array(0);
  let out: Uint8Array;
  try {
    if (codec === "ZSTD") out = zstdDecompressSync(bytes, { chunkSize: roomFor(sizeBytes) });
    else {
      const decoder = compressors[codec];
      if (!decoder) throw corrupt(`codec ${codec} is not read`);
      out = decoder(bytes, sizeBytes);
    }
  } catch (cause) {
    throw corrupt("page cannot be decompressed", cause);
  }
  if (out.length !== sizeBytes) throw corrupt("page has another size than its header says");
  return out;
}
