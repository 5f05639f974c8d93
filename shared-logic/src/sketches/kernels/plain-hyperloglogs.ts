// HyperLogLogs of very many cells without an object per cell: sparse entries in one arena, dense registers in another.
// The twin of the sketch kernel (fast-hyperloglogs.ts).
import { ByteWriter } from "../../codec/byte-writer.ts";
import {
  entryOf,
  type HyperLogLog,
  raise,
  rankOf,
  registerOf,
  sparseLimit,
} from "../hyperloglog.ts";
import { writeEntries, writeRegisters } from "../hyperloglog-codec.ts";
import { EntryArena } from "./entry-arena.ts";
import type { HyperLogLogs } from "./hyperloglogs.ts";
import { RegisterArena } from "./register-arena.ts";

export class PlainHyperLogLogs implements HyperLogLogs {
  private readonly precision: number;
  private readonly limit: number;
  private readonly sparse = new EntryArena();
  private readonly dense: RegisterArena;
  private readonly sorted: Uint32Array;

  constructor(precision: number) {
    this.precision = precision;
    this.limit = sparseLimit(precision);
    this.dense = new RegisterArena(precision);
    this.sorted = new Uint32Array(this.limit);
  }

  grow(slots: number): void {
    this.sparse.grow(slots);
    this.dense.grow(slots);
  }
  add(slot: number, h0: number, h1: number): void {
    // Signed: of an unsigned number V8 makes an object where it passes it on.
    this.addEntry(slot, entryOf(h0, h1) | 0);
  }
  /** Nothing waits. */
  settle(): void {}

  private addEntry(slot: number, entry: number): void {
    const { sparse, dense, precision } = this;
    if (dense.has(slot)) {
      dense.raise(slot, registerOf(entry, precision), rankOf(entry, precision));
    } else if (sparse.add(slot, entry) > this.limit) {
      raise(dense.take(slot), sparse.entries(slot), precision);
      sparse.clear(slot);
    }
  }

  encode(slot: number): Uint8Array {
    const out = new ByteWriter();
    this.write(slot, out);
    return out.done();
  }
  write(slot: number, out: ByteWriter): void {
    const { sparse, dense, sorted, precision } = this;
    if (dense.has(slot)) writeRegisters(dense.registers(slot), precision, out);
    else writeEntries(sorted, sparse.sortInto(slot, sorted), precision, out);
  }
  load(slot: number, sketch: HyperLogLog): void {
    this.clear(slot);
    if (sketch.form === "dense") this.dense.take(slot).set(sketch.registers);
    else for (const entry of sketch.entries) this.sparse.add(slot, entry);
  }
  clear(slot: number): void {
    this.sparse.clear(slot);
    this.dense.clear(slot);
  }
}
