// When events were sent, as they say, and when they were received: their columns have what differs from
// the event's time.
import type { ParquetFile } from "./file.ts";
import { readNumbers } from "./numbers.ts";

/** `timesOf`: for who has them already. */
export function readMoments(
  file: ParquetFile,
  name: "sent" | "received",
  timesOf = (): Float64Array => readNumbers(file, "time").values,
): Float64Array {
  const { values, present } = readNumbers(file, name);
  // In objects of the first format, what is absent there is absent everywhere.
  if (present === undefined || !file.has("shape")) return values;
  const times = timesOf();
  for (let row = 0; row < values.length; row++) if (present[row] === 0) values[row] = times[row]!;
  return values;
}
