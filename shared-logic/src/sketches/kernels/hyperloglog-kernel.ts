// HyperLogLogs of very many cells, folded from a column's hashes without an object per cell or per row:
// sparse entries in one arena, dense registers in another. Encodes byte for byte as the algebra does.
import type { Kernel } from "../../algebra/kernel.ts";
import { ByteWriter } from "../../codec/byte-writer.ts";
import { TandemError } from "../../errors.ts";
import { FIELD_FALSE, FIELD_TEXT } from "../../events/event-columns.ts";
import type { Path } from "../../metrics/selector.ts";
import {
  emptyHyperLogLog,
  entryOf,
  raise,
  rankOf,
  registerOf,
  sparseLimit,
} from "../hyperloglog.ts";
import { decodeHyperLogLog, writeEntries, writeRegisters } from "../hyperloglog-codec.ts";
import { EntryArena } from "./entry-arena.ts";
import { RegisterArena } from "./register-arena.ts";

/** Counts the texts at `path`. A row without text is nothing to count, and not skipped. */
export function hyperLogLogKernel(path: Path, precision: number): Kernel {
  emptyHyperLogLog(precision);
  const limit = sparseLimit(precision);
  const sparse = new EntryArena();
  const dense = new RegisterArena(precision);
  const sorted = new Uint32Array(limit);
  const write = (slot: number, out: ByteWriter): void => {
    if (dense.has(slot)) writeRegisters(dense.registers(slot), precision, out);
    else writeEntries(sorted, sparse.sortInto(slot, sorted), precision, out);
  };
  const clear = (slot: number): void => {
    sparse.clear(slot);
    dense.clear(slot);
  };
  const add = (slot: number, entry: number): void => {
    if (dense.has(slot)) {
      dense.raise(slot, registerOf(entry, precision), rankOf(entry, precision));
    } else if (sparse.add(slot, entry) > limit) {
      raise(dense.take(slot), sparse.entries(slot), precision);
      sparse.clear(slot);
    }
  };
  return {
    grow(slots) {
      sparse.grow(slots);
      dense.grow(slots);
    },
    fold(columns, rows, slots, n) {
      const field = columns.field(path);
      const [kinds, hashes] = [field.kinds, field.hashes()];
      for (let i = 0; i < n; i++) {
        const row = rows[i]!;
        const kind = kinds[row]!;
        if (kind < FIELD_TEXT || kind > FIELD_FALSE) continue;
        // Signed: of an unsigned number V8 makes an object where it passes it on.
        add(slots[i]!, entryOf(hashes[2 * row]!, hashes[2 * row + 1]!) | 0);
      }
    },
    encode(slot) {
      const out = new ByteWriter();
      write(slot, out);
      return out.done();
    },
    write,
    load(slot, bytes) {
      const sketch = decodeHyperLogLog(bytes);
      if (sketch.precision !== precision) {
        const details = { precisions: [precision, sketch.precision] };
        throw new TandemError("sketch_mismatch", { details });
      }
      clear(slot);
      if (sketch.form === "dense") dense.take(slot).set(sketch.registers);
      else for (const entry of sketch.entries) sparse.add(slot, entry);
    },
    clear,
  };
}
