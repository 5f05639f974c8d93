// Checksum of a run's rows that does not depend on their order: each row is hashed over canonical bytes
// of all its fields, and the lanes are summed modulo 2^32. Rows written by any number of units in any
// order, and read back in the store's order, have equal sums. Detects damage, not malice.
import { ByteWriter } from "../codec/byte-writer.ts";
import { murmur3Lanes } from "../hash/murmur3.ts";
import type { RunRow, RunSum } from "../ports/view-store.ts";

const scratch = new ByteWriter(1024);

/** The four lanes of a row's hash; an absent value, null and a text are three different things. */
export function runRowHash(row: RunRow): Uint32Array {
  const bytes = scratch
    .clear()
    .text(row.tenant)
    .varint(row.set)
    .text(row.group)
    .text(row.grain)
    .f64(row.startMs + 0) // -0 is stored as 0
    .varint(row.events)
    .varint(row.skipped)
    .u8(row.value === undefined ? 0 : row.value === null ? 1 : 2)
    .text(row.value ?? "")
    .bytes(row.state)
    .view();
  const lanes = new Uint32Array(4);
  murmur3Lanes(bytes, 0, bytes.length, lanes);
  return lanes;
}

/** Adds up rows; each row of the run is to be added once. */
export class RunChecksum {
  private readonly lanes = new Uint32Array(4);
  private count = 0;

  add(row: RunRow): this {
    const hash = runRowHash(row);
    for (let i = 0; i < 4; i++) this.lanes[i] = (this.lanes[i] ?? 0) + (hash[i] ?? 0);
    this.count++;
    return this;
  }

  /** Takes back a row that was added. */
  take(row: RunRow): this {
    const hash = runRowHash(row);
    for (let i = 0; i < 4; i++) this.lanes[i] = (this.lanes[i] ?? 0) - (hash[i] ?? 0);
    this.count--;
    return this;
  }

  done(): RunSum {
    const checksum = [...this.lanes].map((lane) => lane.toString(16).padStart(8, "0")).join("");
    return { count: this.count, checksum };
  }
}
