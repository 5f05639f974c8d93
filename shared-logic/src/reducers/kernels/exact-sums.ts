// Exact sums by slot at the speed of doubles: a double while the sum stays within 2^53, and what goes
// beyond is carried over into a bigint of that slot.

export class ExactSums {
  private low = new Float64Array(64);
  private readonly carried = new Map<number, bigint>();

  grow(slots: number): void {
    if (slots <= this.low.length) return;
    const wider = new Float64Array(Math.max(slots, this.low.length * 2));
    wider.set(this.low);
    this.low = wider;
  }

  /** `units` is whole and within ±2^53, so the float sum is exact or lies beyond the safe range. */
  add(slot: number, units: number): void {
    const sum = this.low[slot]! + units;
    if (sum <= Number.MAX_SAFE_INTEGER && sum >= -Number.MAX_SAFE_INTEGER) this.low[slot] = sum;
    else this.carry(slot, BigInt(units));
  }

  addBig(slot: number, units: bigint): void {
    this.carry(slot, units);
  }

  get(slot: number): bigint {
    const low = BigInt(this.low[slot]!);
    const carried = this.carried.get(slot);
    return carried === undefined ? low : carried + low;
  }

  set(slot: number, units: bigint): void {
    this.clear(slot);
    this.carry(slot, units);
  }

  clear(slot: number): void {
    this.low[slot] = 0;
    this.carried.delete(slot);
  }

  /** Makes each slot the sum of those slots s of `finer`, below `n`, for which `slotOf[s]` is it. */
  addUp(finer: ExactSums, slotOf: Int32Array, n: number): void {
    this.low.fill(0);
    this.carried.clear();
    for (let slot = 0; slot < n; slot++) this.add(slotOf[slot]!, finer.low[slot]!);
    for (const [slot, units] of finer.carried) this.carry(slotOf[slot]!, units);
  }

  private carry(slot: number, units: bigint): void {
    const sum = this.get(slot) + units;
    this.clear(slot);
    const asNumber = Number(sum);
    if (Number.isSafeInteger(asNumber)) this.low[slot] = asNumber;
    else this.carried.set(slot, sum);
  }
}
