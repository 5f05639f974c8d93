// The chance of seeing at least this many misses if each trial misses with probability `p`.

export function upperTail(misses: number, trials: number, p: number): number {
  let below = 0;
  let term = (1 - p) ** trials;
  for (let k = 0; k < misses; k++) {
    below += term;
    term *= ((trials - k) / (k + 1)) * (p / (1 - p));
  }
  return Math.max(0, 1 - below);
}
