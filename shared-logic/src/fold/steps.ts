// The order in which keyings of the same events are folded, and what each takes from one that was folded before: the
// cells that its own are sums of, or the slots of the rows.
import type { EventColumns } from "../events/event-columns.ts";
import { GRAIN_MS } from "../time/calendar.ts";
import type { Keying } from "./keying.ts";
import { RollUp, twinOf } from "./roll-up.ts";
import { TotalSlots } from "./total-slots.ts";

/** A keying and how its cells come about: from rows, or from another one's cells. */
export interface Step {
  readonly keying: Keying;
  /** What `rollUp` or `total` begins from. */
  readonly finer: Step | undefined;
  readonly rollUp: RollUp | undefined;
  /** Of a tenant's total that is not rolled up: its rows are found by those of the finer step. */
  readonly total: TotalSlots | undefined;
  /** Slots of the rows at hand, where another step follows them row by row. */
  slots: Int32Array | undefined;
}

/** Each step behind the one that it begins from. `rolling`: whether any is to be rolled up. */
export function stepsOf(keyings: readonly Keying[], rolling: boolean): readonly Step[] {
  const steps = new Map<Keying, Step>();
  const stepOf = (keying: Keying): Step => {
    const known = steps.get(keying);
    if (known) return known;
    const from = rolling ? finerOf(keying, keyings) : undefined;
    const step = from ? rolledUp(keying, stepOf(from)) : ofRows(keying);
    steps.set(keying, step);
    return step;
  };
  const ofRows = (keying: Keying): Step => {
    const from = finerOfTotal(keying, keyings);
    const finer = from && stepOf(from);
    if (finer) keepSlots(finer);
    const total = from && new TotalSlots(keying.index, from.index);
    return { keying, finer, rollUp: undefined, total, slots: undefined };
  };
  for (const keying of keyings) stepOf(keying);
  return [...steps.values()];
}

function rolledUp(keying: Keying, finer: Step): Step {
  const rollUp = new RollUp(keying, finer.keying);
  if (rollUp.direct.length > 0) keepSlots(finer);
  return { keying, finer, rollUp, total: undefined, slots: undefined };
}

/** Whoever is followed row by row needs the slots of the one that it follows itself. */
function keepSlots(step: Step): void {
  step.slots ??= new Int32Array(0);
  if (step.finer) keepSlots(step.finer);
}

/** The keying that `k`, of the same events and without a limit, is best rolled up from; undefined where there is none. */
function finerOf(k: Keying, keyings: readonly Keying[]): Keying | undefined {
  let best: { readonly finer: Keying; readonly cost: number } | undefined;
  for (const finer of keyings) {
    if (!isCoarser(k, finer, keyings)) continue;
    const direct = k.states.filter((s) => !twinOf(s, finer)).length;
    const otherGrain = finer.index.grain === k.index.grain ? 0 : 1;
    const cost = 1000 * direct + 100 * otherGrain + finer.index.dims.length;
    if (!best || cost < best.cost) best = { finer, cost };
  }
  return best?.finer;
}

/** Whether the cells of `a` are sums of cells of `b`; no chain of such goes round. */
function isCoarser(a: Keying, b: Keying, among: readonly Keying[]): boolean {
  const [grainA, grainB] = [GRAIN_MS[a.index.grain], GRAIN_MS[b.index.grain]];
  const [dimsA, dimsB] = [a.index.dims, b.index.dims];
  if (a === b || grainA % grainB !== 0 || !dimsA.every((dim) => dimsB.includes(dim))) return false;
  if (dimsA.length !== dimsB.length) return dimsA.length < dimsB.length;
  return grainA !== grainB ? grainA > grainB : among.indexOf(a) > among.indexOf(b);
}

/** The keying of the same grain whose rows tell those of `k`, a tenant's total: the one of the fewest dimensions. */
function finerOfTotal({ index }: Keying, keyings: readonly Keying[]): Keying | undefined {
  if (index.dims.length > 0) return undefined;
  const finer = keyings.filter((k) => k.index.dims.length > 0 && k.index.grain === index.grain);
  return finer.sort((a, b) => a.index.dims.length - b.index.dims.length)[0];
}

/** Writes to `slots` those of rows `rows[0, n)`, looked for by themselves or by a finer step's. */
export function locate(
  { keying: { index }, finer, total }: Step,
  columns: EventColumns,
  rows: Uint32Array,
  doubts: Uint8Array,
  n: number,
  slots: Int32Array,
): void {
  if (total && finer?.slots) total.translate(finer.slots, n, slots);
  else index.locate(columns, rows, doubts, n, slots);
}

/** Writes to `slots` those of the rows at hand, from those of the step that this one is rolled up from. */
export function locateRolledUp({ finer, rollUp }: Step, n: number, slots: Int32Array): void {
  if (!finer?.slots) throw new TypeError("nobody kept the finer slots");
  rollUp?.translate(finer.slots, n, slots);
}

export function resetStep({ rollUp, total }: Step): void {
  rollUp?.reset();
  total?.reset();
}
