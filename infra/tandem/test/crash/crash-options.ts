// What child and parent of the crash tests agree on: two partitions, small objects and filters, flushes
// and checkpoints all the time, no threads.
import { type EventLog, HOUR_MS, RECORD_EVENT, RECORD_HEADER_BYTES } from "@tandem/shared-logic";
import type { TandemOptions } from "../../src/tandem-options.ts";

export const TENANT = "shop";

export const CRASH_OPTIONS = {
  partitions: 2,
  threads: 0,
  settings: { ringIds: 256, generationIds: 20_000, filterMs: 24 * HOUR_MS },
  speed: { flushMs: 5, checkpointMs: 30, readBytes: 20_000 },
  objectLimits: { records: 150, bytes: 1 << 20 },
} satisfies Partial<TandemOptions>;

export interface LogRecord {
  readonly offset: number;
  readonly value: Uint8Array;
}

export async function* recordsOf(
  log: EventLog,
  dataset: string,
  partition: number,
): AsyncGenerator<LogRecord> {
  for (let from = (await log.ranges(dataset))[partition]?.start ?? 0; ; ) {
    const b = await log.read(dataset, partition, from, 1 << 20);
    if (b.to === from) return;
    for (let i = 0; i < b.count; i++)
      yield { offset: b.offsets[i] ?? 0, value: b.bytes.slice(b.starts[i], b.ends[i]) };
    from = b.to;
  }
}

/** The event id, or undefined where the record is a cut. */
export function recordId(value: Uint8Array): string | undefined {
  if (value[2] !== RECORD_EVENT) return undefined;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const body = RECORD_HEADER_BYTES + bytes.readUInt16LE(52) + bytes.readUInt16LE(54);
  return (JSON.parse(bytes.toString("utf8", body)) as { event_id: string }).event_id;
}
