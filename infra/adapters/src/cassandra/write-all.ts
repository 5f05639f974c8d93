// Writes many rows: those of one partition together in unlogged batches, which a node applies as one
// mutation, and never two partitions in a batch. Nothing in it may be other than idempotent.
import type { CassandraSession, Statement } from "./cassandra-session.ts";
import { eachLimited } from "./each-limited.ts";

/** Batches under way for one call. */
const AT_ONCE = 64;
const BATCH_ROWS = 100;
const BATCH_BYTES = 128_000;

export interface Write extends Statement {
  /** A text that just the rows of the same table and partition share. */
  readonly partition: string;
  readonly sizeBytes: number;
}

/** A text for the parts of a key that no other parts have. */
export const partitionText = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => (typeof part === "string" ? `${part.length}:${part}` : part)).join(",");

export async function writeAll(session: CassandraSession, writes: Iterable<Write>): Promise<void> {
  await eachLimited(batches(writes), AT_ONCE, async (batch) => {
    const first = batch[0];
    if (first === undefined) return;
    if (batch.length > 1) await session.batch(batch);
    else await session.execute(first.cql, first.params);
  });
}

function batches(writes: Iterable<Write>): readonly (readonly Write[])[] {
  const all: Write[][] = [];
  const open = new Map<string, { writes: Write[]; sizeBytes: number }>();
  for (const write of writes) {
    let batch = open.get(write.partition);
    if (
      batch === undefined ||
      batch.writes.length >= BATCH_ROWS ||
      batch.sizeBytes + write.sizeBytes > BATCH_BYTES
    ) {
      batch = { writes: [], sizeBytes: 0 };
      open.set(write.partition, batch);
      all.push(batch.writes);
    }
    batch.writes.push(write);
    batch.sizeBytes += write.sizeBytes;
  }
  return all;
}
