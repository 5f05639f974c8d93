// What the cases of the EventLog suite share: a log with an empty dataset, records and their reading.
import { TandemError } from "../../errors.ts";
import { PackedRecord } from "../../events/packed-record.ts";
import type { AppendRecord, AppendResult, EventLog } from "../../ports/event-log.ts";
import { below, type Random } from "../../ports/random.ts";
import { expectEqual, expectTrue, type TestFunction } from "../expect.ts";

export interface OpenEventLog {
  readonly log: EventLog;
  /** A dataset name that nobody used before; the suite creates it. */
  readonly dataset: string;
  /** Closes the log and opens it again; absent where nothing outlives the process. */
  readonly reopen?: () => Promise<EventLog>;
  /** Cuts the power of everything the log stands on and opens what is left. */
  readonly powerCut?: (random: Random) => Promise<EventLog>;
  /** Retention: forgets records of the dataset below about `offset`, never any at or above it. */
  readonly dropBelow?: (partition: number, offset: number) => Promise<void>;
}

export interface EventLogSuite {
  readonly test: TestFunction;
  readonly open: () => Promise<OpenEventLog>;
}

export type LogCase = (opened: OpenEventLog) => Promise<void>;
export type AddLogCase = (name: string, body: LogCase) => void;

const utf8 = new TextEncoder();

export const plainRecord = (partition: number, text: string): AppendRecord => ({
  partition,
  key: utf8.encode(`key of ${text.slice(0, 20)}`),
  value: utf8.encode(text),
});

/** Of a text with an even number of letters it is packed, behind bytes that are not its own. */
export function record(partition: number, text: string): AppendRecord {
  const plain = plainRecord(partition, text);
  if (text.length % 2 === 1) return plain;
  const { key, value } = plain;
  const bytes = Uint8Array.of(1, 2, 3, ...key, ...value, 4, 5);
  const valueAt = 3 + key.length;
  return new PackedRecord(partition, bytes, 3, valueAt, valueAt + value.length);
}

/** Bytes of any kind and size. */
export function randomValue(random: Random, maxBytes: number): Uint8Array {
  return Uint8Array.from({ length: below(random, maxBytes + 1) }, () => random.u32());
}

export function offsetsOf(results: readonly AppendResult[]): number[] {
  return results.map((r) => {
    if (!r.ok) throw r.error;
    return r.offset;
  });
}

export interface ReadRecord {
  readonly offset: number;
  readonly value: Uint8Array;
}

/** Every record from `from` (the start without) to the end, in reads of about `maxBytes`. */
export async function readAll(
  log: EventLog,
  dataset: string,
  partition: number,
  maxBytes = 1 << 20,
  from?: number,
): Promise<ReadRecord[]> {
  const range = (await log.ranges(dataset))[partition];
  const records: ReadRecord[] = [];
  let at = from ?? range?.start ?? 0;
  while (at < (range?.end ?? 0)) {
    const batch = await log.read(dataset, partition, at, maxBytes);
    expectTrue(batch.to > at, `a read at ${at} below the end stays at ${batch.to}`);
    expectEqual(batch.partition, partition);
    expectEqual(
      [batch.starts.length, batch.ends.length, batch.offsets.length],
      [batch.count, batch.count, batch.count],
    );
    for (let i = 0; i < batch.count; i++) {
      const offset = batch.offsets[i] ?? -1;
      expectTrue(offset >= at && offset < batch.to, `offset ${offset} of a read from ${at}`);
      records.push({ offset, value: batch.bytes.slice(batch.starts[i], batch.ends[i]) });
    }
    at = batch.to;
  }
  for (let i = 1; i < records.length; i++) {
    expectTrue((records[i]?.offset ?? 0) > (records[i - 1]?.offset ?? 0), "offsets do not grow");
  }
  return records;
}

export async function readTexts(log: EventLog, dataset: string, partition = 0): Promise<string[]> {
  const decoder = new TextDecoder();
  return (await readAll(log, dataset, partition)).map((r) => decoder.decode(r.value));
}

/** The TandemError that a call throws. */
export async function errorOf(call: () => Promise<unknown>): Promise<TandemError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof TandemError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
