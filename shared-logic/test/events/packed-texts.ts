// Texts as Parquet's plain pages hold them: each behind its length, after `packedAt` bytes of something else.
import type { TextSlices } from "../../src/events/text-slices.ts";

export function packedTexts(
  texts: readonly Uint8Array[],
  packedAt: number,
): TextSlices & { readonly count: number } {
  const count = texts.length;
  const bytes = new Uint8Array(texts.reduce((sum, t) => sum + 4 + t.length, packedAt));
  const view = new DataView(bytes.buffer);
  const [starts, ends] = [new Int32Array(count), new Int32Array(count)];
  let at = packedAt;
  for (const [e, text] of texts.entries()) {
    view.setUint32(at, text.length, true);
    starts[e] = at + 4;
    bytes.set(text, starts[e]!);
    at = starts[e]! + text.length;
    ends[e] = at;
  }
  return { bytes, starts, ends, packedAt, count };
}

/** As read from a damaged page: the last text's length says one byte too many. Whoever asks for ranges is told. */
export function damagedTexts(texts: readonly Uint8Array[]): TextSlices {
  const { bytes, starts } = packedTexts(texts, 0);
  const last = starts.at(-1)! - 4;
  const view = new DataView(bytes.buffer);
  view.setUint32(last, view.getUint32(last, true) + 1, true);
  return {
    bytes,
    packedAt: 0,
    get starts(): Int32Array {
      throw new RangeError("damaged");
    },
    get ends(): Int32Array {
      throw new RangeError("damaged");
    },
  };
}
