// A keying whose cells are sums of another's: fewer dimensions, or a coarser grain, of the same events. No row is
// looked at for it. Each of the finer one's slots has a slot here, found once, when the slot is new; events, and the
// states of kernels that can be rolled up, are added slot by slot when somebody asks for them. Kernels that cannot
// are folded row by row, into the slots of the rows' finer slots. Slots and blocks get the numbers they would get
// from the rows themselves: a cell's first row is also the first of its finer cell.
import type { EventColumns } from "../events/event-columns.ts";
import { GRAIN_MS } from "../time/calendar.ts";
import type { CellIndex } from "./cell-index.ts";
import { type CellStates, type Keying, makeRoom } from "./keying.ts";
import { TotalSlots } from "./total-slots.ts";

/** States of the coarser keying, each with the finer ones that add up to them. */
interface Rolled {
  readonly states: CellStates;
  readonly finer: CellStates;
}

/** A tenant's total, whose rows are found by those of a finer step. */
interface Total {
  readonly finer: Step;
  readonly slots: TotalSlots;
}

/** A keying and how its cells come about: from rows, or from another one's cells. */
export interface Step {
  readonly keying: Keying;
  readonly rollUp: RollUp | undefined;
  readonly total: Total | undefined;
  /** Slots of the rows at hand, where another step follows them row by row. */
  slots: Int32Array | undefined;
}

/** Writes to `slots` those of rows `rows[0, n)`, looked for by themselves or by a finer step's. */
export function locate(
  { keying: { index }, total }: Step,
  columns: EventColumns,
  rows: Uint32Array,
  doubts: Uint8Array,
  n: number,
  slots: Int32Array,
): void {
  if (total?.finer.slots) total.slots.translate(total.finer.slots, n, slots);
  else index.locate(columns, rows, doubts, n, slots);
}

export function resetStep({ rollUp, total }: Step): void {
  rollUp?.reset();
  total?.slots.reset();
}

export class RollUp {
  readonly finer: Step;
  /** States that are folded row by row. */
  readonly direct: readonly CellStates[];
  private readonly rolled: readonly Rolled[];
  /** Where each of the coarser dimensions stands among the finer ones. */
  private readonly kept: readonly number[];
  /** By slot of the finer keying, the coarser one's. */
  private slotOf = new Int32Array(64);
  private known = 0;
  /** By member of the finer keying's index, the coarser one's. */
  private readonly memberOf: number[] = [];

  constructor(coarser: Keying, finer: Step) {
    this.finer = finer;
    const { index } = finer.keying;
    this.kept = coarser.index.dims.map((dim) => index.dims.indexOf(dim));
    const twins = coarser.states.map((s) => ({ states: s, twin: twinOf(s, finer.keying) }));
    this.rolled = twins.flatMap(({ states, twin }) => (twin ? { states, finer: twin } : []));
    this.direct = twins.flatMap(({ states, twin }) => (twin ? [] : states));
  }

  /** Finds the slots of the finer keying's new ones. */
  follow({ index }: Keying): void {
    const { known } = this;
    const { slotCount } = this.finer.keying.index;
    if (slotCount === known) return;
    if (slotCount > this.slotOf.length) {
      const wider = new Int32Array(slotCount * 2);
      wider.set(this.slotOf);
      this.slotOf = wider;
    }
    for (let slot = known; slot < slotCount; slot++) this.slotOf[slot] = this.find(index, slot);
    this.known = slotCount;
  }

  private find(index: CellIndex, finerSlot: number): number {
    const finer = this.finer.keying.index;
    const { member, startMs, doubt } = finer.cellOf(finerSlot);
    let own = this.memberOf[member] ?? -1;
    if (own < 0) {
      const { tenant, day, values } = finer.member(member);
      own = index.memberIn({ tenant, day, values: this.kept.map((at) => values[at] ?? null) });
      while (this.memberOf.length <= member) this.memberOf.push(-1);
      this.memberOf[member] = own;
    }
    return index.slotIn(own, startMs, doubt);
  }

  /** The slots of the rows at hand, from those of the finer step. */
  translate(n: number, out: Int32Array): void {
    const { slotOf } = this;
    const { slots } = this.finer;
    if (!slots) throw new TypeError("nobody kept the finer slots");
    for (let i = 0; i < n; i++) out[i] = slotOf[slots[i]!]!;
  }

  /** Adds up what the finer keying holds, in place of what was added up before. */
  sum(coarser: Keying): void {
    makeRoom(coarser);
    const { slotOf, known } = this;
    addUp(this.finer.keying.events, coarser.events, slotOf, known);
    for (const { states, finer } of this.rolled) {
      addUp(finer.skipped, states.skipped, slotOf, known);
      states.kernel.rollUp?.(finer.kernel, slotOf, known);
    }
  }

  reset(): void {
    this.known = 0;
    this.memberOf.length = 0;
  }
}

function addUp(from: Float64Array, to: Float64Array, slotOf: Int32Array, n: number): void {
  to.fill(0);
  for (let slot = 0; slot < n; slot++) to[slotOf[slot]!]! += from[slot]!;
}

/** What a reducer's states are: equal ones are made by kernels alike. */
const stateOf = ({ first: { metric } }: CellStates): string =>
  JSON.stringify([metric.reducer.spec, metric.reducer.selects]);

/** What of `finer` holds the same states of smaller cells, where they can be rolled up. */
function twinOf(states: CellStates, finer: Keying): CellStates | undefined {
  if (!states.kernel.rollUp) return undefined;
  const state = stateOf(states);
  return finer.states.find((s) => s.kernel.rollUp && stateOf(s) === state);
}

/** Whether the cells of `a` are sums of cells of `b`; no chain of such goes round. */
function isCoarser(a: Keying, b: Keying, among: readonly Keying[]): boolean {
  const [grainA, grainB] = [GRAIN_MS[a.index.grain], GRAIN_MS[b.index.grain]];
  const [dimsA, dimsB] = [a.index.dims, b.index.dims];
  if (a === b || grainA % grainB !== 0 || !dimsA.every((dim) => dimsB.includes(dim))) return false;
  if (dimsA.length !== dimsB.length) return dimsA.length < dimsB.length;
  return grainA !== grainB ? grainA > grainB : among.indexOf(a) > among.indexOf(b);
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

/** Each step behind the one that it is rolled up from. `rolling`: whether any is to be. */
export function stepsOf(keyings: readonly Keying[], rolling: boolean): readonly Step[] {
  const steps = new Map<Keying, Step>();
  const stepOf = (keying: Keying): Step => {
    const known = steps.get(keying);
    if (known) return known;
    const from = rolling ? finerOf(keying, keyings) : undefined;
    const finer = from && stepOf(from);
    const rollUp = finer && new RollUp(keying, finer);
    // Whoever is followed row by row needs the slots of the one that it follows itself.
    if (rollUp && rollUp.direct.length > 0) keepSlots(finer);
    const step = { keying, rollUp, total: rollUp ? undefined : totalOf(keying), slots: undefined };
    steps.set(keying, step);
    return step;
  };
  const totalOf = (keying: Keying): Total | undefined => {
    const { dims, grain } = keying.index;
    const finer =
      dims.length > 0
        ? []
        : keyings.filter(({ index }) => index.dims.length > 0 && index.grain === grain);
    const [first] = finer.sort((a, b) => a.index.dims.length - b.index.dims.length);
    if (!first) return undefined;
    const step = stepOf(first);
    keepSlots(step);
    return { finer: step, slots: new TotalSlots(keying.index, first.index) };
  };
  for (const keying of keyings) stepOf(keying);
  return [...steps.values()];
}

function keepSlots(step: Step): void {
  step.slots ??= new Int32Array(0);
  if (step.rollUp) keepSlots(step.rollUp.finer);
}
