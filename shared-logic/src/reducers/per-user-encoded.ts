// perUser on bytes (algebra/encoded-states.ts): the spans of users that are not touched are copied as they
// are, which is right as long as the table of texts stays what it is.
import type { EncodedStates } from "../algebra/encoded-states.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { type TextCode, TextTable } from "../codec/text-table.ts";
import { murmur3Lanes } from "../hash/murmur3.ts";
import type { Hash64, SampledUser } from "../sketches/user-sample.ts";
import { type PerUserHeader, writeHeader } from "./per-user-header.ts";
import type { SampledUsers } from "./per-user-sample.ts";
import type { PerUserShape } from "./per-user-shape.ts";
import { presentSpans } from "./per-user-windows.ts";
import { UserSpans } from "./user-spans.ts";

export interface SampleForm<S> {
  readonly k: number;
  readonly header: PerUserHeader;
  encode(state: SampledUsers<S>): Uint8Array;
}

/** 2^20: a number below it and 32 bits of a hash are one exact number. */
const MOST_USERS = 1_048_576;

/** Undefined for a shape that cannot go past a state without reading it. */
export function encodedUsers<S>(
  shape: PerUserShape<S>,
  inner: readonly string[],
  header: PerUserHeader,
  sample: SampleForm<S>,
): EncodedStates | undefined {
  const { skip } = shape;
  if (!skip) return undefined;
  const dims = inner.length;
  const pass = (spans: UserSpans): void => skip(spans.from, spans.texts, dims);
  return {
    plus: (a, b) =>
      plusSpans(shape, pass, dims, new UserSpans(a, header), new UserSpans(b, header)),
    toApprox: (state) => sampleSpans(shape, skip, dims, new UserSpans(state, header), sample),
    ...(shape.everyWindow ? {} : { presentEach: presentSpans(shape, inner, header) }),
  };
}

type Pass = (spans: UserSpans) => void;

function plusSpans<S>(
  shape: PerUserShape<S>,
  pass: Pass,
  dims: number,
  a: UserSpans,
  b: UserSpans,
): Uint8Array | undefined {
  if (b.count === 0) return a.bytes;
  // Reading a state marks its texts as used; those of users that are merged may be needed no more.
  const own = new TextTable(new ByteReader(a.bytes.subarray(a.tableFrom, a.tableUntil)));
  const codes = own.codes();
  for (const text of b.texts.codes().keys()) if (!codes.has(text)) return undefined;
  const code: TextCode = (text) => (text === null ? 0 : (codes.get(text) ?? 0));
  const body = new ByteWriter(a.bytes.length + b.bytes.length);
  let count = a.count;
  /** What `a` has from here on is not written yet. */
  let copied = a.at;
  let entry = a.at;
  const write = (state: S): void => {
    shape.texts(state, (text) => a.texts.text(code(text)));
    shape.write(body, state, code);
  };
  const addNew = (): void => {
    body.raw(a.bytes.subarray(copied, entry)).bytes(b.bytes.subarray(b.nameFrom, b.nameUntil));
    copied = entry;
    write(shape.read(b.from, b.texts, dims));
    count++;
  };
  let more = b.next();
  while (a.next()) {
    for (; more && b.compareName(a) < 0; more = b.next()) addNew();
    if (more && b.compareName(a) === 0) {
      body.raw(a.bytes.subarray(copied, a.nameUntil));
      const before = shape.read(a.from, own, dims);
      write(shape.plus(before, shape.read(b.from, b.texts, dims)));
      copied = a.at;
      more = b.next();
    } else pass(a);
    entry = a.at;
  }
  for (; more; more = b.next()) addNew();
  if (a.texts.someUnused) return undefined;
  body.raw(a.bytes.subarray(copied));
  const out = new ByteWriter(a.tableUntil + 8 + body.sizeBytes);
  return out.raw(a.bytes.subarray(0, a.tableUntil)).varint(count).raw(body.view()).done();
}

function sampleSpans<S>(
  shape: PerUserShape<S>,
  skip: NonNullable<PerUserShape<S>["skip"]>,
  dims: number,
  spans: UserSpans,
  { k, header, encode }: SampleForm<S>,
): Uint8Array | undefined {
  const { bytes, count } = spans;
  const pass = (): void => skip(spans.from, spans.texts, dims);
  /** Of each user: hash, and where the state lies. */
  const hashes = new Uint32Array(4 * (count + 1));
  const places = new Int32Array(2 * count);
  for (let i = 0; spans.next(); i++) {
    // Two lanes are the hash; the others are written over by the next user.
    murmur3Lanes(bytes, spans.nameFrom, spans.nameUntil, hashes, 2 * i);
    places[2 * i] = spans.at;
    pass();
    places[2 * i + 1] = spans.at;
  }
  const order = orderOf(hashes, count);
  if (!order) return undefined;
  const kept = count > k ? order.subarray(0, k) : order;
  const stateOf = (i: number): ByteReader =>
    new ByteReader(bytes.subarray(places[2 * i], places[2 * i + 1]));
  const over = order[k];
  const threshold = over === undefined ? undefined : hashAt(hashes, over);
  if (threshold) {
    // Texts of users that are not kept are not in the sample's table.
    const from = new ByteReader(bytes);
    from.skip(spans.tableFrom);
    const texts = new TextTable(from);
    for (const i of kept) skip(stateOf(i), texts, dims);
    if (texts.someUnused) {
      const users = Array.from(kept, (i): SampledUser<S> => {
        return { ...hashAt(hashes, i), state: shape.read(stateOf(i), spans.texts, dims) };
      });
      return encode({ header, sample: { kept: users, threshold } });
    }
  }
  const out = writeHeader(new ByteWriter(bytes.length + 16 * count + 64), header);
  out.raw(bytes.subarray(spans.tableFrom, spans.tableUntil)).varint(kept.length);
  for (const i of kept)
    out
      .u32(hashes[2 * i]!)
      .u32(hashes[2 * i + 1]!)
      .raw(bytes.subarray(places[2 * i], places[2 * i + 1]));
  out.u8(threshold ? 1 : 0);
  if (threshold) out.u32(threshold.hi).u32(threshold.lo);
  return out.done();
}

const hashAt = (hashes: Uint32Array, i: number): Hash64 => ({
  hi: hashes[2 * i]!,
  lo: hashes[2 * i + 1]!,
});

/** Users ascending by hash; undefined where two have the same. */
function orderOf(hashes: Uint32Array, count: number): Uint32Array | undefined {
  if (count > MOST_USERS) return undefined;
  // High lane and number in one number: sorted without a comparison in JavaScript.
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = hashes[2 * i]! * MOST_USERS + i;
  keys.sort();
  const order = new Uint32Array(count);
  for (let n = 0; n < count; n++) {
    const key = keys[n]!;
    order[n] = key - Math.floor(key / MOST_USERS) * MOST_USERS;
  }
  for (let n = 1; n < count; n++) {
    for (let m = n; m > 0; m--) {
      const [i, j] = [order[m - 1]!, order[m]!];
      if (hashes[2 * i] !== hashes[2 * j]) break;
      const [low, high] = [hashes[2 * i + 1]!, hashes[2 * j + 1]!];
      if (low === high) return undefined;
      if (low < high) break;
      order[m - 1] = j;
      order[m] = i;
    }
  }
  return order;
}
