// perUser on bytes (algebra/encoded-states.ts): the spans of users that are not touched are copied as they
// are, which is right as long as the table of texts stays what it is.
import type { EncodedStates } from "../algebra/encoded-states.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { type TextCode, TextTable } from "../codec/text-table.ts";
import { murmur3Lanes } from "../hash/murmur3.ts";
import type { SampledUser } from "../sketches/user-sample.ts";
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
    toApprox: (state) => sampleSpans(shape, pass, dims, new UserSpans(state, header), sample),
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
  pass: Pass,
  dims: number,
  spans: UserSpans,
  { k, header, encode }: SampleForm<S>,
): Uint8Array | undefined {
  const { bytes, count } = spans;
  /** Of each user: hash, and where the state lies. */
  const hashes = new Uint32Array(4 * (count + 1));
  const places = new Int32Array(2 * count);
  const order: number[] = [];
  for (let i = 0; spans.next(); i++) {
    // Two lanes are the hash; the others are written over by the next user.
    murmur3Lanes(bytes, spans.nameFrom, spans.nameUntil, hashes, 2 * i);
    places[2 * i] = spans.at;
    pass(spans);
    places[2 * i + 1] = spans.at;
    order.push(i);
  }
  order.sort((i, j) => hashes[2 * i]! - hashes[2 * j]! || hashes[2 * i + 1]! - hashes[2 * j + 1]!);
  for (let n = 1; n < order.length; n++) {
    const [i, j] = [order[n - 1]!, order[n]!];
    if (hashes[2 * i] === hashes[2 * j] && hashes[2 * i + 1] === hashes[2 * j + 1])
      return undefined;
  }
  if (count > k) {
    const kept = order.slice(0, k).map((i): SampledUser<S> => {
      const from = new ByteReader(bytes.subarray(places[2 * i], places[2 * i + 1]));
      const state = shape.read(from, spans.texts, dims);
      return { hi: hashes[2 * i]!, lo: hashes[2 * i + 1]!, state };
    });
    const over = order[k]!;
    const threshold = { hi: hashes[2 * over]!, lo: hashes[2 * over + 1]! };
    return encode({ header, sample: { kept, threshold } });
  }
  const out = writeHeader(new ByteWriter(bytes.length + 16 * count + 64), header);
  out.raw(bytes.subarray(spans.tableFrom, spans.tableUntil)).varint(count);
  for (const i of order) {
    out.u32(hashes[2 * i]!).u32(hashes[2 * i + 1]!);
    out.raw(bytes.subarray(places[2 * i], places[2 * i + 1]));
  }
  return out.u8(0).done();
}
