// Shows the rebuilt runs of one day: what differs becomes an ordinary run (states and run object at their places), then
// one compare-and-set of the day's ledger row flips all of them, or none. It is told as a flip, and taken back as a heal is.
import {
  type DayEntry,
  type DayFlip,
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type Fingerprint,
  formatDay,
  type LostRange,
  type RunObject,
  type RunRef,
  runObjectKey,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import type { Actor } from "../heal/apply-heal.ts";
import type { Audit } from "../heal/audit.ts";
import { casLedger, readLedger } from "../ledger.ts";
import { atLeast, notDropping, refuseSwept, withFlip } from "../publish.ts";
import { readPartial } from "../read-partial.ts";
import type { SealPorts } from "../seal.ts";
import type { BoundRuns, SideRun, SideRuns } from "./replay-catalogue.ts";

export type Promoted =
  | { readonly state: "promoted"; readonly runs: readonly string[] }
  /** `already`: it differed, and a promote of before has shown it. */
  | { readonly state: "identical" | "already" | "not_compared" }
  /** The day shows another run than the one it was compared with. */
  | { readonly state: "superseded"; readonly by: string; readonly fingerprint: Fingerprint }
  | { readonly state: "pinned"; readonly by: string }
  /** The source lacked offsets that the published run has in it. */
  | { readonly state: "incomplete"; readonly lost: readonly LostRange[] }
  | { readonly state: "audit_failed"; readonly audits: readonly Audit[] };

type Flip = { readonly next: DayRow; readonly moved: readonly Fingerprint[] } | Promoted;

const fingerprints = (record: object): Fingerprint[] => Object.keys(record) as Fingerprint[];

/** Pure: the row after the flip, or why there is none. */
export function promoteTo(
  row: DayRow,
  runs: SideRuns,
  bound: BoundRuns | undefined,
  flip: Actor & { readonly name: string },
): Flip {
  const moved: Fingerprint[] = [];
  let already = false;
  for (const fp of fingerprints(runs)) {
    const [side, seen, current] = [runs[fp], bound?.[fp], row.entries[fp]];
    if (!side || !seen || seen.side !== side.run) return { state: "not_compared" };
    if (seen.rows === 0) continue;
    if (current?.run === side.run) {
      already = true;
      continue;
    }
    if (current?.pinned) return { state: "pinned", by: current.run };
    if (current?.run !== seen.against || !atLeast(side.v, current.v))
      return { state: "superseded", by: current?.run ?? "none", fingerprint: fp };
    if (seen.failed.length > 0) return { state: "audit_failed", audits: seen.failed };
    const lost = (side.lost ?? []).filter((l) => !known(current, l));
    if (lost.length > 0) return { state: "incomplete", lost };
    moved.push(fp);
  }
  if (moved.length === 0) return { state: already ? "already" : "identical" };
  const entries: Record<Fingerprint, DayEntry> = { ...row.entries };
  const selectable: Record<Fingerprint, readonly RunRef[]> = { ...row.selectable };
  const shown: Record<Fingerprint, string> = {};
  for (const fp of moved) {
    const { run, v, grain, lost } = runs[fp] as SideRun;
    const optional = { ...(grain ? { grain } : {}), ...(lost ? { lost } : {}) };
    const ref: RunRef = { run, v, ...optional, replayed: flip.name };
    entries[fp] = ref;
    selectable[fp] = [...(row.selectable[fp] ?? []).filter((r) => r.run !== run), ref];
    shown[fp] = run;
  }
  const told: DayFlip = { by: flip.by, at: flip.at, did: "promote", runs: shown };
  const left = notDropping(row, Object.values(shown));
  return { next: { ...left, entries, selectable, ...withFlip(row, told) }, moved };
}

/** The published run lacks it too. */
const known = ({ lost }: DayEntry, range: LostRange): boolean =>
  lost?.some((l) => l.partition === range.partition && l.from <= range.from && l.to >= range.to) ??
  false;

export async function promoteDay(
  ports: SealPorts,
  dataset: string,
  day: UtcDay,
  runs: SideRuns,
  bound: BoundRuns | undefined,
  flip: Actor & { readonly name: string },
): Promise<Promoted> {
  const key = dayKey(dataset, day);
  for (;;) {
    const seen = await readLedger<DayRow>(ports.views, key);
    const row = seen.value ?? EMPTY_DAY;
    const flipped = promoteTo(row, runs, bound, flip);
    if (!("next" in flipped)) return flipped;
    const moved = flipped.moved.map((fp) => [fp, runs[fp] as SideRun] as const);
    for (const [fp, side] of moved) {
      refuseSwept(row, side.run);
      await settle(ports, dataset, day, fp, side);
    }
    if (await casLedger(ports.views, key, seen, flipped.next))
      return { state: "promoted", runs: moved.map(([, side]) => side.run) };
  }
}

/** Makes an ordinary run of it; nobody sees it yet. Its rows must still be what was computed. */
async function settle(
  { views, objects, sha256 }: SealPorts,
  dataset: string,
  day: UtcDay,
  fingerprint: Fingerprint,
  { run, v, sum, partials: own }: SideRun,
): Promise<void> {
  const partials: string[] = [];
  for (const [partition, from] of own.entries()) {
    await readPartial(objects, from);
    const bytes = await objects.get(from);
    if (!bytes) throw new TandemError("object_missing", { details: { object: from } });
    const place = `states/${dataset}/${fingerprint}/${formatDay(day)}`;
    const key = `${place}/${partition}-${sha256(bytes).slice(0, 32)}.bin`;
    await objects.putIfAbsent(key, bytes);
    partials.push(key);
  }
  const object: RunObject = { fingerprint, day, v, partials, sum };
  const bytes = new TextEncoder().encode(JSON.stringify(object));
  await objects.putIfAbsent(runObjectKey(dataset, run), bytes);
  const stored = await views.readBack(run);
  if (stored.count !== sum.count || stored.checksum !== sum.checksum)
    throw new TandemError("run_damaged", { details: { run, expected: sum, stored } });
}
