// Walker's alias table as Vose makes it (1991): one draw in constant time.
import { below, type Random, unit } from "@tandem/shared-logic";

export class Alias {
  private readonly keep: Float64Array;
  private readonly other: Int32Array;

  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    this.keep = new Float64Array(n);
    this.other = new Int32Array(n);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += weights[i]!;
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) {
      this.keep[i] = (weights[i]! * n) / sum;
      (this.keep[i]! < 1 ? small : large).push(i);
    }
    while (small.length > 0 && large.length > 0) {
      const a = small.pop()!;
      const b = large.at(-1)!;
      this.other[a] = b;
      this.keep[b]! -= 1 - this.keep[a]!;
      if (this.keep[b]! < 1) small.push(large.pop()!);
    }
    for (const i of large) this.keep[i] = 1;
    for (const i of small) this.keep[i] = 1;
  }

  static zipf(n: number, skew: number): Alias {
    return new Alias(Float64Array.from({ length: n }, (_, i) => (i + 1) ** -skew));
  }

  draw(random: Random): number {
    const i = below(random, this.keep.length);
    return unit(random) < this.keep[i]! ? i : this.other[i]!;
  }
}
