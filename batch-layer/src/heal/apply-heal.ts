// Applies a heal plan: one compare-and-set of the day's ledger row flips all its metrics, or none. Weeks and
// months made of the day no longer count from that moment, because they name the runs they are made of.
import {
  type DayEntry,
  type DayFlip,
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type Fingerprint,
  type RunRef,
  TandemError,
  type ViewStore,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "../ledger.ts";
import { atLeast, notDropping, refuseSwept, withFlip } from "../publish.ts";
import type { Audit } from "./audit.ts";
import type { KeptPlan } from "./heal-plan.ts";

export type Applied =
  | { readonly state: "applied"; readonly runs: readonly string[] }
  /** Another run stands there by now, or, `already`, the plan's own. */
  | { readonly state: "superseded"; readonly by: string; readonly already: boolean }
  | { readonly state: "pinned"; readonly by: string }
  | { readonly state: "audit_failed"; readonly audits: readonly Audit[] };

export interface Actor {
  readonly by: string;
  readonly at: DayFlip["at"];
}

const fingerprints = (record: object): Fingerprint[] => Object.keys(record) as Fingerprint[];

/** Pure: the row after the flip, or why there is none. */
export function flipTo(
  row: DayRow,
  plan: KeptPlan,
  actor: Actor,
): { readonly next: DayRow } | Exclude<Applied, { readonly state: "applied" }> {
  const failed = plan.audits.filter((a) => !a.ok);
  if (failed.length > 0) return { state: "audit_failed", audits: failed };
  const entries: Record<Fingerprint, DayEntry> = { ...row.entries };
  const selectable: Record<Fingerprint, readonly RunRef[]> = { ...row.selectable };
  const runs: Record<Fingerprint, string> = {};
  for (const fp of fingerprints(plan.runs)) {
    const current = row.entries[fp];
    const { run = "", lost } = plan.runs[fp] ?? {};
    const ref: RunRef = { run, v: plan.v, ...(lost ? { lost } : {}) };
    if (current?.pinned) return { state: "pinned", by: current.run };
    const moved = current?.run !== plan.before[fp]?.run;
    if (current && (moved || !atLeast(plan.v, current.v)))
      return { state: "superseded", by: current.run, already: current.run === ref.run };
    entries[fp] = ref;
    selectable[fp] = [...(row.selectable[fp] ?? []).filter((r) => r.run !== ref.run), ref];
    runs[fp] = ref.run;
  }
  const flip: DayFlip = { ...actor, did: "heal", runs };
  const left = notDropping(row, Object.values(runs));
  return { next: { ...left, entries, selectable, ...withFlip(row, flip) } };
}

export async function applyHeal(views: ViewStore, plan: KeptPlan, actor: Actor): Promise<Applied> {
  const key = dayKey(plan.dataset, plan.day);
  for (;;) {
    const seen = await readLedger<DayRow>(views, key);
    const flipped = flipTo(seen.value ?? EMPTY_DAY, plan, actor);
    if (!("next" in flipped)) return flipped;
    // Again after each change of the row: retention puts down there what it is about to remove.
    for (const { run } of Object.values(plan.runs)) refuseSwept(seen.value ?? EMPTY_DAY, run);
    await proveRows(views, plan);
    if (await casLedger(views, key, seen, flipped.next))
      return { state: "applied", runs: Object.values(plan.runs).map((r) => r.run) };
  }
}

/** A plan may be days old: its shadow rows must still be what was planned. */
async function proveRows(views: ViewStore, plan: KeptPlan): Promise<void> {
  for (const { run, sum } of Object.values(plan.runs)) {
    const stored = await views.readBack(run);
    if (stored.count !== sum.count || stored.checksum !== sum.checksum)
      throw new TandemError("run_damaged", { details: { run, expected: sum, stored } });
  }
}
