// distinct on bytes (algebra/encoded-states.ts): texts stay the bytes they are, in their order; they are merged,
// hashed and counted without a string of any.
import { decimalOf } from "../algebra/decimal.ts";
import type { EncodedStates } from "../algebra/encoded-states.ts";
import { exactly } from "../algebra/estimate.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { compareSpans } from "../codec/text-order.ts";
import { Interner } from "../events/interner.ts";
import { murmur3Lanes } from "../hash/murmur3.ts";
import { entryOf, fromUnsorted } from "../sketches/hyperloglog.ts";
import { encodeHyperLogLog } from "../sketches/hyperloglog-codec.ts";
import { beginTexts, readTexts } from "./text-set.ts";

/** Walks the texts in a set's bytes. */
class TextSpans {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** The text at hand: [from, until); its length stands before it, at `entry`. */
  entry: number;
  from = 0;
  until = 0;
  private readonly input: ByteReader;
  private left: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.input = readTexts(bytes);
    this.count = this.input.varint();
    this.left = this.count;
    this.entry = bytes.length - this.input.left;
  }

  next(): boolean {
    const { input, bytes } = this;
    this.entry = bytes.length - input.left;
    if (this.left === 0) {
      input.end();
      return false;
    }
    this.left--;
    const length = input.varint();
    this.from = input.skip(length);
    this.until = this.from + length;
    return true;
  }

  compare({ bytes, from, until }: TextSpans): number {
    return compareSpans(this.bytes, this.from, this.until, bytes, from, until);
  }
}

function plusTexts(a: TextSpans, b: TextSpans): Uint8Array {
  const body = new ByteWriter(a.bytes.length + b.bytes.length);
  let count = a.count;
  /** What `a` has from here on is not written yet. */
  let copied = a.entry;
  const addNew = (): void => {
    body.raw(a.bytes.subarray(copied, a.entry)).bytes(b.bytes.subarray(b.from, b.until));
    copied = a.entry;
    count++;
  };
  let more = b.next();
  while (more && a.next()) {
    for (; more && b.compare(a) < 0; more = b.next()) addNew();
    if (more && b.compare(a) === 0) more = b.next();
  }
  for (; more; more = b.next()) addNew();
  body.raw(a.bytes.subarray(copied));
  const out = new ByteWriter(16 + body.sizeBytes);
  beginTexts(count, out);
  return out.raw(body.view()).done();
}

function sketchOf(texts: TextSpans, precision: number): Uint8Array {
  const entries = new Uint32Array(texts.count);
  const lanes = new Uint32Array(4);
  for (let i = 0; texts.next(); i++) {
    murmur3Lanes(texts.bytes, texts.from, texts.until, lanes);
    entries[i] = entryOf(lanes[0]!, lanes[1]!);
  }
  return encodeHyperLogLog(fromUnsorted(entries, precision));
}

function countTexts(states: readonly Uint8Array[]): number {
  const [first] = states;
  if (states.length === 1 && first) return new TextSpans(first).count;
  const texts = new Interner();
  for (const bytes of states) {
    const spans = new TextSpans(bytes);
    while (spans.next()) texts.intern(bytes, spans.from, spans.until);
  }
  return texts.size;
}

export const encodedTexts = (precision: number): EncodedStates => ({
  plus: (a, b) => plusTexts(new TextSpans(a), new TextSpans(b)),
  toApprox: (state) => sketchOf(new TextSpans(state), precision),
  present: (states) => exactly(decimalOf(countTexts(states))),
});
