// HyperLogLogs of very many cells, folded from a column's hashes without an object per cell or per row. Encodes byte for
// byte as the algebra does.
import type { Kernel } from "../../algebra/kernel.ts";
import { TandemError } from "../../errors.ts";
import { FIELD_FALSE, FIELD_TEXT } from "../../events/event-columns.ts";
import { chosenKernels, type Kernels } from "../../events/kernels/kernel-choice.ts";
import type { Path } from "../../metrics/selector.ts";
import { emptyHyperLogLog } from "../hyperloglog.ts";
import { decodeHyperLogLog } from "../hyperloglog-codec.ts";
import { FastHyperLogLogs } from "./fast-hyperloglogs.ts";
import type { HyperLogLogs } from "./hyperloglogs.ts";
import { PlainHyperLogLogs } from "./plain-hyperloglogs.ts";

/** Counts the texts at `path`. A row without text is nothing to count, and not skipped. */
export function hyperLogLogKernel(
  path: Path,
  precision: number,
  kernels: Kernels = chosenKernels(),
): Kernel {
  emptyHyperLogLog(precision);
  const fast = kernels === "fast" ? FastHyperLogLogs.create(precision) : undefined;
  const cells: HyperLogLogs = fast ?? new PlainHyperLogLogs(precision);
  return {
    grow: (slots) => cells.grow(slots),
    fold(columns, rows, slots, n) {
      const field = columns.field(path);
      const [kinds, hashes] = [field.kinds, field.hashes()];
      for (let i = 0; i < n; i++) {
        const row = rows[i]!;
        const kind = kinds[row]!;
        if (kind < FIELD_TEXT || kind > FIELD_FALSE) continue;
        cells.add(slots[i]!, hashes[2 * row]! | 0, hashes[2 * row + 1]! | 0);
      }
      cells.settle();
    },
    encode: (slot) => cells.encode(slot),
    ...(cells.write ? { write: cells.write.bind(cells) } : {}),
    ...(cells.writeBlock ? { writeBlock: cells.writeBlock.bind(cells) } : {}),
    load(slot, bytes) {
      const sketch = decodeHyperLogLog(bytes);
      if (sketch.precision !== precision) {
        const details = { precisions: [precision, sketch.precision] };
        throw new TandemError("sketch_mismatch", { details });
      }
      cells.load(slot, sketch);
    },
    clear: (slot) => cells.clear(slot),
  };
}
