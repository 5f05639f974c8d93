// Randomness from outside, so that every run can be repeated from its seed.
//
// 1. `u32` gives whole numbers from 0 to 2^32 − 1, uniformly.

export interface Random {
  u32(): number;
}

/** A seeded generator (mulberry32): equal seeds, equal sequences. Not for secrets. */
export function seededRandom(seed: number): Random {
  let s = seed | 0;
  return {
    u32() {
      s = (s + 0x6d2b79f5) | 0;
      let t = Math.imul(s ^ (s >>> 15), 1 | s);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return (t ^ (t >>> 14)) >>> 0;
    },
  };
}

/** A whole number from 0 to n − 1. */
export const below = (random: Random, n: number): number =>
  Math.floor((random.u32() / 2 ** 32) * n);
/** From 0 inclusive to 1 exclusive. */
export const unit = (random: Random): number => random.u32() / 2 ** 32;
