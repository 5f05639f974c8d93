// Texts as Parquet's pages hold them, after some bytes of something else: each behind its length, or none where all have one.
import type { TextSlices } from "../../src/events/text-slices.ts";

export function packedTexts(
  texts: readonly Uint8Array[],
  first: number,
): TextSlices & { readonly count: number } {
  const count = texts.length;
  const only = texts[0]?.length ?? 0;
  if (texts.every((t) => t.length === only)) return equalTexts(texts, only, first);
  const bytes = new Uint8Array(texts.reduce((sum, t) => sum + 4 + t.length, first));
  const view = new DataView(bytes.buffer);
  const [starts, ends] = [new Int32Array(count), new Int32Array(count)];
  let at = first;
  for (const [e, text] of texts.entries()) {
    view.setUint32(at, text.length, true);
    starts[e] = at + 4;
    bytes.set(text, starts[e]!);
    at = starts[e]! + text.length;
    ends[e] = at;
  }
  return { bytes, starts, ends, packed: { at: first, lengthBytes: undefined }, count };
}

function equalTexts(texts: readonly Uint8Array[], lengthBytes: number, first: number) {
  const bytes = new Uint8Array(first + texts.length * lengthBytes);
  const starts = Int32Array.from(texts, (_, e) => first + e * lengthBytes);
  for (const [e, text] of texts.entries()) bytes.set(text, starts[e]!);
  const ends = starts.map((start) => start + lengthBytes);
  return { bytes, starts, ends, packed: { at: first, lengthBytes }, count: texts.length };
}

/** As read from a damaged page: the last text ends one byte beyond the bytes. Whoever asks for ranges is told. */
export function damagedTexts(texts: readonly Uint8Array[]): TextSlices {
  const { bytes, packed } = packedTexts(texts, 0);
  return {
    bytes: bytes.subarray(0, -1),
    packed,
    get starts(): Int32Array {
      throw new RangeError("damaged");
    },
    get ends(): Int32Array {
      throw new RangeError("damaged");
    },
  };
}
