// Ids of four lanes, in order; it grows as they come.

const FIRST = 64;

/** What a list of so many takes, as it doubles. */
export const listBytes = (count: number): number =>
  16 * Math.max(FIRST, 2 ** Math.ceil(Math.log2(count)));

export class IdList {
  count = 0;
  private lanes = new Uint32Array(4 * FIRST);

  get sizeBytes(): number {
    return this.lanes.byteLength;
  }

  /** The id at lanes[at] … lanes[at + 3]. */
  push(lanes: Uint32Array, at: number): void {
    const to = 4 * this.count++;
    if (to === this.lanes.length) {
      const more = new Uint32Array(2 * to);
      more.set(this.lanes);
      this.lanes = more;
    }
    this.lanes[to] = lanes[at]!;
    this.lanes[to + 1] = lanes[at + 1]!;
    this.lanes[to + 2] = lanes[at + 2]!;
    this.lanes[to + 3] = lanes[at + 3]!;
  }

  /** The lanes of the ids from number `first` on. */
  from(first: number): Uint32Array {
    return this.lanes.subarray(4 * first, 4 * this.count);
  }
}
