// A run's id and its partial states' keys: hashes of everything that determines their bytes, so that the
// same inputs give the same id, and an id never stands for two contents.

import type { Fingerprint, ManifestEntry, UtcDay } from "@tandem/shared-logic";
import { formatDay, PARTIAL_FORMAT } from "@tandem/shared-logic";

export type Sha256 = (bytes: Uint8Array) => string;

const encoder = new TextEncoder();
const hashOf = (sha256: Sha256, parts: unknown): string =>
  sha256(encoder.encode(JSON.stringify(parts))).slice(0, 32);

/** The object key of one unit's partial state of one metric. */
export function partialKey(
  sha256: Sha256,
  dataset: string,
  fp: Fingerprint,
  day: UtcDay,
  partition: number,
  inputs: readonly ManifestEntry[],
): string {
  const hash = hashOf(sha256, [
    PARTIAL_FORMAT,
    dataset,
    fp,
    day,
    partition,
    inputs.map((e) => [e.from, e.to, e.sha256]),
  ]);
  return `states/${dataset}/${fp}/${formatDay(day)}/${partition}-${hash}.bin`;
}

export function runId(
  sha256: Sha256,
  dataset: string,
  fp: Fingerprint,
  day: UtcDay,
  v: readonly number[],
  partials: readonly string[],
): string {
  return `${formatDay(day)}-${hashOf(sha256, [PARTIAL_FORMAT, dataset, fp, day, v, partials])}`;
}

export function spanRunId(
  sha256: Sha256,
  dataset: string,
  fp: Fingerprint,
  grain: string,
  from: UtcDay,
  runs: Readonly<Record<string, string>>,
): string {
  const sorted = Object.keys(runs)
    .sort()
    .map((day) => [day, runs[day]]);
  return `${grain}-${formatDay(from)}-${hashOf(sha256, [PARTIAL_FORMAT, dataset, fp, grain, from, sorted])}`;
}
