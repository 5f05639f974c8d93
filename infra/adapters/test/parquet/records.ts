// Record batches for tests: collector-made events with everything that JSON allows, cuts, records of
// other producers, and what cannot be read.
import {
  below,
  type Cut,
  encodeCut,
  encodeRecord,
  makeImportedRecord,
  makeRecord,
  murmur3Text,
  type Random,
  type RecordBatch,
  validateEvent,
} from "@tandem/shared-logic";

const encoder = new TextEncoder();
const START_MS = 1_569_888_000_000;

export function batchOf(
  values: readonly Uint8Array[],
  offsets: readonly number[] = values.map((_, i) => i),
  partition = 3,
): RecordBatch {
  const starts = new Int32Array(values.length);
  const ends = new Int32Array(values.length);
  // Some bytes between the records, which are nobody's.
  const bytes = Buffer.concat(values.flatMap((value) => [Uint8Array.of(0xd1), value]));
  let at = 0;
  for (const [i, value] of values.entries()) {
    starts[i] = at + 1;
    at += 1 + value.length;
    ends[i] = at;
  }
  const to = (offsets.at(-1) ?? -1) + 1;
  const own = Float64Array.from(offsets);
  return { partition, to, count: values.length, bytes, starts, ends, offsets: own };
}

export const recordsOf = (batch: RecordBatch): Buffer[] =>
  Array.from({ length: batch.count }, (_, i) =>
    Buffer.from(batch.bytes.subarray(batch.starts[i], batch.ends[i])),
  );

const pick = <T>(random: Random, ...values: readonly T[]): T =>
  values[below(random, values.length)] as T;

/** An event as a client may send it: optional fields absent, null or there, texts with escapes. */
export function eventJson(random: Random, i: number): string {
  const event: Record<string, unknown> = {
    event_id: pick(random, `id-${i}`, `ïd "${i}"`, `id-${below(random, 20)}`),
    event_type: pick(random, "view", "purchase", "käuf\n"),
    timestamp: pick<unknown>(
      random,
      START_MS + i * 1000,
      new Date(START_MS + i * 977).toISOString(),
    ),
  };
  const optional = (name: string, ...values: unknown[]): void => {
    const value = pick<unknown>(random, undefined, null, ...values);
    if (value !== undefined) event[name] = value;
  };
  optional("user_id", "u1", `üser ${below(random, 9)}`, "x", "");
  optional("anonymous_id", "x", `anon-${below(random, 9)}`);
  optional("session_id", `s-${below(random, 9)}`, "", "\u{1f600}");
  optional("version", 3, "3", 1.5);
  optional("sent_at", START_MS + i * 1000 + below(random, 2_000_000));
  optional("context", {}, { os: "ios", deep: { er: [1, 2] } });
  const value = pick<unknown>(
    random,
    null,
    12.5,
    -0,
    1e21,
    "12.5",
    true,
    { a: 1 },
    [1],
    "",
    "\ud83d\ude00 \\ \u0001",
  );
  optional("properties", { price: value }, { price: below(random, 10_000) / 100, brand: "é" }, {});
  const text = JSON.stringify(event);
  return below(random, 5) === 0 ? ` ${text.replace("é", "\\u00e9").replace(":", " :\t")}\n` : text;
}

export function collected(
  json: string,
  tenant = "acme",
  receivedMs = START_MS + 5_000_000,
): Uint8Array {
  const bytes = encoder.encode(json);
  const facts = validateEvent(bytes, 0, bytes.length);
  if (!("eventId" in facts)) throw new TypeError(`no event: ${JSON.stringify(facts)}`);
  return makeRecord(facts, encoder.encode(tenant), receivedMs);
}

export function imported(json: string, tenant = "acme"): Uint8Array {
  const bytes = encoder.encode(json);
  const facts = validateEvent(bytes, 0, bytes.length);
  if (!("eventId" in facts)) throw new TypeError(`no event: ${JSON.stringify(facts)}`);
  return makeImportedRecord(facts, encoder.encode(tenant));
}

export const cutRecord = (seq: number): Uint8Array => {
  const cut: Cut = { seq, activates: [], retires: [] };
  return encodeCut(cut);
};

/** A record whose header says other things than its body. */
export function contradictory(random: Random, i: number): Uint8Array {
  const json = pick(random, eventJson(random, i), "{", '{"event_id":7,"session_id":[]}', "\u0000");
  return encodeRecord(
    {
      flags: below(random, 64),
      userKind: below(random, 3),
      idHash: murmur3Text(String(i)),
      userHash: murmur3Text("u").subarray(0, 2),
      sentMs: START_MS,
      timeMs: START_MS + i,
      receivedMs: START_MS,
      tenant: pick(random, encoder.encode("acme"), Uint8Array.of(0xff, 0xfe), new Uint8Array(0)),
      type: pick(random, encoder.encode("view"), Uint8Array.of(0xc0)),
    },
    pick(random, encoder.encode(json), Uint8Array.of(0x7b, 0xff, 0x7d), new Uint8Array(0)),
  );
}

export function dead(random: Random): Uint8Array {
  return pick(
    random,
    new Uint8Array(0),
    encoder.encode("no json"),
    encoder.encode('{"event_id":"a"}'),
    Uint8Array.of(0xd1),
    collected(eventJson(random, 1)).subarray(0, 30),
    cutRecord(1).subarray(0, 60),
    Uint8Array.from({ length: below(random, 80) }, () => below(random, 256)),
  );
}
