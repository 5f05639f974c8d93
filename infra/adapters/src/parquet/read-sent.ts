// When events were sent, as they say: the column has what differs from the event's time.
import type { ParquetFile } from "./file.ts";
import { readNumbers } from "./numbers.ts";

export function readSent(file: ParquetFile): Float64Array {
  const { values, present } = readNumbers(file, "sent");
  if (present === undefined || !file.has("shape")) return values;
  const times = readNumbers(file, "time").values;
  for (let row = 0; row < values.length; row++) if (present[row] === 0) values[row] = times[row]!;
  return values;
}
