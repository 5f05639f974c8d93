// The compressions of record batches: gzip and zstd by node:zlib. Snappy and lz4 would need code of
// others and are refused by name. What unpacks to more than the bound is refused before it is memory.
import { promisify } from "node:util";
import { constants, gunzipSync, gzip, zstdCompress, zstdDecompressSync } from "node:zlib";
import { TandemError } from "@tandem/shared-logic";

export type Compression = "none" | "gzip" | "zstd";

/** The codes of the attributes' lowest bits. */
export const COMPRESSION_CODE: Readonly<Record<Compression, number>> = {
  none: 0,
  gzip: 1,
  zstd: 4,
};
const REFUSED = new Map([
  [2, "snappy"],
  [3, "lz4"],
]);

const MOST_BYTES = 256 * 1024 * 1024;

const asyncGzip = promisify(gzip);
const asyncZstd = promisify(zstdCompress);

export function compress(bytes: Buffer, compression: Compression): Promise<Buffer> | Buffer {
  if (compression === "gzip") return asyncGzip(bytes, { level: 1 });
  if (compression === "none") return bytes;
  return asyncZstd(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
}

export function decompress(bytes: Uint8Array, code: number): Buffer {
  try {
    if (code === COMPRESSION_CODE.gzip) return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
    if (code === COMPRESSION_CODE.zstd) {
      return zstdDecompressSync(bytes, { maxOutputLength: MOST_BYTES });
    }
  } catch (cause) {
    throw new TandemError("corrupt_bytes", {
      message: "A compressed record batch does not unpack.",
      cause,
    });
  }
  const name = REFUSED.get(code) ?? `code ${code}`;
  throw new TandemError("configuration", {
    message: `The topic holds batches compressed by ${name}; Tandem reads none, gzip and zstd. Set the producer's or the topic's compression.type to zstd, or bridge the topic.`,
    details: { compression: name },
  });
}
