// A manifest entry's JSON. Reading checks every field: an entry decides what batch reads and where V
// lies, so one that is not wholly understood is `corrupt_bytes`.
import { TandemError } from "../errors.ts";
import { isCut } from "./cut.ts";
import type { LostRecords, ManifestEntry } from "./manifest.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Canonical: equal entries, equal bytes. */
export function encodeManifestEntry(e: ManifestEntry): Uint8Array {
  const byDay = (days: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(days).sort(([a], [b]) => Number(a) - Number(b)));
  const ordered = {
    dataset: e.dataset,
    partition: e.partition,
    from: e.from,
    to: e.to,
    object: e.object,
    sizeBytes: e.sizeBytes,
    sha256: e.sha256,
    events: e.events,
    cuts: e.cuts,
    dead: e.dead,
    days: byDay(e.days),
    sentDays: byDay(e.sentDays),
    receivedMs: e.receivedMs,
    seq: e.seq,
    ...(e.cut === undefined ? {} : { cut: e.cut }),
    ...(e.lost === undefined
      ? {}
      : { lost: { ...e.lost, days: e.lost.days && byDay(e.lost.days) } }),
  };
  return encoder.encode(`${JSON.stringify(ordered, null, 1)}\n`);
}

interface Fields {
  readonly [name: string]: unknown;
  readonly partition?: unknown;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly sizeBytes?: unknown;
  readonly events?: unknown;
  readonly cuts?: unknown;
  readonly dead?: unknown;
  readonly days?: unknown;
  readonly records?: unknown;
  readonly why?: unknown;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
const isDays = (value: unknown): value is Readonly<Record<string, number>> =>
  isFields(value) &&
  Object.entries(value).every(([day, n]) => /^(0|-?[1-9]\d*)$/.test(day) && isCount(n) && n > 0);
const isLost = (value: unknown): value is LostRecords =>
  isFields(value) &&
  isCount(value.records) &&
  typeof value.why === "string" &&
  (value.days === null || isDays(value.days));
const sum = (days: Readonly<Record<string, number>>): number =>
  Object.values(days).reduce((a, b) => a + b, 0);

function isEntry(value: unknown): value is ManifestEntry {
  if (!isFields(value)) return false;
  const { dataset, object, sha256, days, sentDays, seq, cut, receivedMs, lost } = value;
  const counts = [value.partition, value.from, value.to, value.sizeBytes, seq];
  const [from, to] = [Number(value.from), Number(value.to)];
  const kinds = [value.events, value.cuts, value.dead];
  const records = kinds.reduce((total: number, n) => total + Number(n), 0);
  return (
    typeof dataset === "string" &&
    typeof object === "string" &&
    [...counts, ...kinds].every(isCount) &&
    from < to &&
    records <= to - from &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    isDays(days) &&
    isDays(sentDays) &&
    sum(days) === value.events &&
    sum(sentDays) === value.events &&
    (receivedMs === null ? value.events === 0 : typeof receivedMs === "number") &&
    (cut === undefined || (isCut(cut) && cut.seq === seq)) &&
    (lost === undefined || (isLost(lost) && value.events === 0))
  );
}

/** Throws `corrupt_bytes` with the key. */
export function parseManifestEntry(bytes: Uint8Array, key: string): ManifestEntry {
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    cause = error;
  }
  if (isEntry(value)) return value;
  throw new TandemError("corrupt_bytes", { details: { what: "manifest entry", key }, cause });
}
