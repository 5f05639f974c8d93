// How much a read gave. A batch's bytes may be a view of a larger buffer that holds records of before and behind it, so
// that nothing is copied.
import type { RecordBatch } from "@tandem/shared-logic";

/** From the first value to the last one's end, what stands between them with it; 0 without records. */
export const batchBytes = ({ starts, ends, count }: RecordBatch): number =>
  count === 0 ? 0 : ends[count - 1]! - starts[0]!;
