// When events were sent, as they say, and when they were received: their columns have what differs from
// the event's time.
import type { ParquetFile } from "./file.ts";
import { readNumbers } from "./numbers.ts";

/** `timesOf`: for who has them already; what it gives may be what is given back. */
export function readMoments(
  file: ParquetFile,
  name: "sent" | "received",
  timesOf = (): Float64Array => readNumbers(file, "time").values,
): Float64Array {
  if (file.has("shape") && isEmpty(file, name)) return timesOf();
  const { values, present } = readNumbers(file, name);
  // In objects of the first format, what is absent there is absent everywhere.
  if (present === undefined || !file.has("shape")) return values;
  const times = timesOf();
  for (let row = 0; row < values.length; row++) if (present[row] === 0) values[row] = times[row]!;
  return values;
}

/** Whether no row has a value, as statistics tell: then all moments are times, most of the time. */
function isEmpty(file: ParquetFile, name: string): boolean {
  return file
    .column(name)
    .chunks.every(
      ({ statistics, num_values }) =>
        Number(statistics?.null_count ?? Number.NaN) === Number(num_values),
    );
}
