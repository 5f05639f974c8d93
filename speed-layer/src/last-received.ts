import { type EventColumns, ROW_EVENT } from "@tandem/shared-logic";

/** When the last event of a batch was received; undefined where it has none. */
export function lastReceivedMs({ count, rowKinds, receivedMs }: EventColumns): number | undefined {
  for (let row = count - 1; row >= 0; row--)
    if (rowKinds[row] === ROW_EVENT) return receivedMs[row];
  return undefined;
}
