// A promise that was broken. The numbers are those of the seam's executable model:
//
// I0 a reader that runs alone finishes            I1 a value is that of exactly the events it claims to cover
// I2 no reader loses coverage but by rollback or power cut    I3 V goes back only by rollback, no entry vanishes
// I4 when all has settled every answer is exact and the truth
// I5 a speed row is the fold of just its range, and a segment starts behind a cut
// I6 equal (metric, day, V), equal run id; equal ids, equal bytes
// I7 nothing at or above the V of the current run was dropped
// E  production code threw something that nobody promised

export type Invariant = "I0" | "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "E";

export class Violation extends Error {
  readonly invariant: Invariant;
  constructor(invariant: Invariant, text: string) {
    super(`${invariant}: ${text}`);
    this.invariant = invariant;
  }
}

export function fail(invariant: Invariant, text: string): never {
  throw new Violation(invariant, text);
}
