// Undoing Content-Encoding (RFC 9110, 8.4.1) within limits. The output limit is known before the first
// byte is inflated: the decoded size, or `ratio` times the encoded size above a free part, whichever
// is smaller; inflating stops there, so a bomb costs at most that much.
import { promisify } from "node:util";
import { gunzip, gunzipSync, inflate, inflateRaw, inflateRawSync, inflateSync } from "node:zlib";
import type { ByteBudget } from "./byte-budget.ts";
import type { CollectorLimits } from "./collector-limits.ts";

export type ContentEncoding = "identity" | "gzip" | "deflate";

/** Undefined for one that is not known here. */
export function contentEncodingOf(header: string | undefined): ContentEncoding | undefined {
  if (header === undefined) return "identity";
  switch (header.trim().toLowerCase()) {
    case "":
    case "identity":
      return "identity";
    case "gzip":
    case "x-gzip":
      return "gzip";
    case "deflate":
      return "deflate";
  }
  return undefined;
}

export type DecodedBody =
  /** Holds `bytes.length` of the budget; what the encoded bytes held was given back. */
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly why: "too_large" | "bad_encoding" | "overloaded" };

/** Up to here inflating on the spot costs less than a trip to the thread pool. */
const SMALL_BYTES = 16_384;

const inPool = {
  gzip: promisify(gunzip),
  zlib: promisify(inflate),
  raw: promisify(inflateRaw),
};
const onTheSpot = { gzip: gunzipSync, zlib: inflateSync, raw: inflateRawSync };

/** "deflate" should be zlib's format, but some clients send the bare stream: its first nibble tells. */
function formatOf(encoding: "gzip" | "deflate", bytes: Buffer): keyof typeof onTheSpot {
  if (encoding === "gzip") return "gzip";
  return ((bytes[0] ?? 0) & 0x0f) === 8 ? "zlib" : "raw";
}

export async function decodeBody(
  encoded: Buffer,
  encoding: "gzip" | "deflate",
  limits: CollectorLimits,
  budget: ByteBudget,
): Promise<DecodedBody> {
  const byRatio = Math.max(limits.ratioFreeBytes, limits.ratio * encoded.length);
  const maxOutputLength = Math.min(limits.decodedBytes, byRatio);
  const format = formatOf(encoding, encoded);
  if (!budget.take(maxOutputLength)) {
    budget.give(encoded.length);
    return { ok: false, why: "overloaded" };
  }
  let used = 0;
  try {
    const bytes =
      encoded.length <= SMALL_BYTES
        ? onTheSpot[format](encoded, { maxOutputLength })
        : await inPool[format](encoded, { maxOutputLength });
    used = bytes.length;
    return { ok: true, bytes };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ERR_BUFFER_TOO_LARGE") return { ok: false, why: "too_large" };
    if (code.startsWith("Z_")) return { ok: false, why: "bad_encoding" };
    throw error;
  } finally {
    budget.give(encoded.length + maxOutputLength - used);
  }
}
