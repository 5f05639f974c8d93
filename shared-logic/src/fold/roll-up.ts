// A keying whose cells are sums of another's: fewer dimensions, or a coarser grain, of the same events. No row is
// looked at for it. Each of the finer one's slots has a slot here, found once, when the slot is new; events, and the
// states of kernels that can be rolled up, are added slot by slot when somebody asks for them. Kernels that cannot
// are folded row by row, into the slots of the rows' finer slots. Slots and blocks get the numbers they would get
// from the rows themselves: a cell's first row is also the first of its finer cell.
import type { CellIndex } from "./cell-index.ts";
import { type CellStates, type Keying, makeRoom } from "./keying.ts";

/** States of the coarser keying, each with the finer ones that add up to them. */
interface Rolled {
  readonly states: CellStates;
  readonly finer: CellStates;
}

export class RollUp {
  /** States that are folded row by row. */
  readonly direct: readonly CellStates[];
  private readonly rolled: readonly Rolled[];
  private readonly finer: Keying;
  /** Where each of the coarser dimensions stands among the finer ones. */
  private readonly kept: readonly number[];
  /** By slot of the finer keying, the coarser one's. */
  private slotOf = new Int32Array(64);
  private known = 0;
  /** By member of the finer keying's index, the coarser one's. */
  private readonly memberOf: number[] = [];

  constructor(coarser: Keying, finer: Keying) {
    this.finer = finer;
    this.kept = coarser.index.dims.map((dim) => finer.index.dims.indexOf(dim));
    const twins = coarser.states.map((s) => ({ states: s, twin: twinOf(s, finer) }));
    this.rolled = twins.flatMap(({ states, twin }) => (twin ? { states, finer: twin } : []));
    this.direct = twins.flatMap(({ states, twin }) => (twin ? [] : states));
  }

  /** Finds the slots of the finer keying's new ones. */
  follow({ index }: Keying): void {
    const { known } = this;
    const { slotCount } = this.finer.index;
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
    const finer = this.finer.index;
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

  /** Slots of rows in the finer keying to those in the coarser one. */
  translate(slots: Int32Array, n: number, out: Int32Array): void {
    const { slotOf } = this;
    for (let i = 0; i < n; i++) out[i] = slotOf[slots[i]!]!;
  }

  /** Adds up what the finer keying holds, in place of what was added up before. */
  sum(coarser: Keying): void {
    makeRoom(coarser);
    const { slotOf, known } = this;
    addUp(this.finer.events, coarser.events, slotOf, known);
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
export function twinOf(states: CellStates, finer: Keying): CellStates | undefined {
  if (!states.kernel.rollUp) return undefined;
  const state = stateOf(states);
  return finer.states.find((s) => s.kernel.rollUp && stateOf(s) === state);
}
