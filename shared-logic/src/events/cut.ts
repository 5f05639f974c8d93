// A cut: a marker record appended to every partition. It closes the open segment of every day and the
// archiver's open object where it is read, and carries which metrics are folded from there on. It
// counts in a partition at the first record whose seq is above every seq before it; a repeated or
// overtaken one is an empty record. What it marks (V, segment id, start) is one past its own offset.
import type { Fingerprint } from "../metrics/fingerprint.ts";
import type { DatasetSettings } from "../ports/ledger-rows.ts";

export interface Cut {
  /** 1, 2, 3 … from a compare-and-set in the ledger, durable before the first append. */
  readonly seq: number;
  readonly activates: readonly Fingerprint[];
  readonly retires: readonly Fingerprint[];
  /** Folding settings from here on; absent: unchanged. */
  readonly settings?: DatasetSettings;
}
