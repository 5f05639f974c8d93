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

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((text) => typeof text === "string");

/** Whether parsed JSON has the shape of a cut. */
export function isCut(value: unknown): value is Cut {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { seq, activates, retires, settings }: Partial<Record<keyof Cut, unknown>> = value;
  const hasSettings = settings === undefined || (typeof settings === "object" && settings !== null);
  return (
    Number.isSafeInteger(seq) &&
    Number(seq) > 0 &&
    isTexts(activates) &&
    isTexts(retires) &&
    hasSettings
  );
}
