// A log in memory filled with events, cuts (also repeated and overtaken ones) and unreadable records, and
// the settings of archivers over it.
import { MemoryEventLog, MemoryObjectStore } from "@tandem/adapters/memory";
import { parquetCodec } from "@tandem/adapters/parquet";
import { Archiver, type ArchiverOptions } from "@tandem/ingest";
import {
  below,
  type Clock,
  type EventLog,
  encodeCut,
  makeRecord,
  type ObjectStore,
  type Random,
  seededRandom,
  validateEvent,
} from "@tandem/shared-logic";

export const DATASET = "events";
export const START_MS = 1_569_888_000_000;
const encoder = new TextEncoder();

export function eventRecord(random: Random, i: number): Uint8Array {
  const json = JSON.stringify({
    event_id: `id-${i}`,
    event_type: below(random, 2) === 0 ? "view" : "purchase",
    timestamp: START_MS + i * 600_000,
    user_id: `u${below(random, 30)}`,
    properties: { price: below(random, 1000) / 100, note: "é".repeat(below(random, 60)) },
  });
  const bytes = encoder.encode(json);
  const facts = validateEvent(bytes, 0, bytes.length);
  if (!("eventId" in facts)) throw new TypeError(json);
  return makeRecord(facts, encoder.encode(`t${below(random, 3)}`), START_MS + i * 600_000 + 5);
}

export function anyRecords(seed: number, count: number): Uint8Array[] {
  const random = seededRandom(seed);
  let seq = 0;
  return Array.from({ length: count }, (_, i) => {
    const kind = below(random, 20);
    if (kind === 0) return Uint8Array.of(1, 2, 3);
    if (kind > 1) return eventRecord(random, i);
    seq = below(random, 3) === 0 ? Math.max(1, seq - 1) : seq + 1;
    return encodeCut({ seq, activates: [], retires: [] });
  });
}

export async function append(log: EventLog, values: readonly Uint8Array[]): Promise<void> {
  const key = new Uint8Array(0);
  await log.append(
    DATASET,
    values.map((value) => ({ partition: 0, key, value })),
  );
}

export async function logOf(values: readonly Uint8Array[]): Promise<MemoryEventLog> {
  const log = new MemoryEventLog(idle);
  await log.create(DATASET, 1);
  await append(log, values);
  return log;
}

/** A clock that nobody waits for. */
export const idle: Clock = {
  now: () => START_MS as ReturnType<Clock["now"]>,
  sleep: () => Promise.resolve(),
};

export const LIMITS = { records: 12, bytes: 3000 };

export function archiver(
  log: EventLog,
  objects: ObjectStore,
  options: Partial<ArchiverOptions> = {},
): Archiver {
  return new Archiver({
    log,
    objects,
    codec: parquetCodec,
    clock: idle,
    dataset: DATASET,
    partition: 0,
    genesis: 0,
    limits: LIMITS,
    ...options,
  });
}

/** Everything in a store, as hex by key. */
export async function contents(objects: ObjectStore): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for await (const { key } of objects.list("")) {
    all.set(key, Buffer.from((await objects.get(key)) ?? []).toString("hex"));
  }
  return all;
}

/** What an archiver that nothing happens to makes of the records. */
export async function undisturbed(values: readonly Uint8Array[]): Promise<Map<string, string>> {
  const objects = new MemoryObjectStore();
  await archiver(await logOf(values), objects).step();
  return contents(objects);
}
