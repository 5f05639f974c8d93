// Random hashes by the hundred million, and the registers of a HyperLogLog after n of them, drawn from their exact
// distribution instead of hash by hash: how many fall to each register, halving by halving, and the highest of c
// ranks by inversion, P(highest <= k) = (1 - 2^-k)^c. Half of n, Binomial(n, 1/2): how many of n random bits are
// set, or by rejection (BTRS; Hörmann, "The generation of binomial random variates", 1993).
import type { Random } from "@tandem/shared-logic";

/** sfc32 (Doty-Humphrey): 96 bits of state and a counter, so that no two trials share a stretch of numbers. */
export function longRandom(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88, 1];
  const u32 = (): number => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 16; i++) u32();
  return { u32 };
}

function bitsSet(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const unitOf = (random: Random): number =>
  (random.u32() + (random.u32() + 0.5) / 2 ** 32) / 2 ** 32;

/** Of so many bits it is faster to count them. */
const COUNTED = 512;

function half(random: Random, n: number): number {
  if (n > COUNTED) return halfByRejection(random, n);
  let set = 0;
  for (let left = n; left > 0; left -= 32) {
    set += bitsSet(left >= 32 ? random.u32() : random.u32() & (2 ** left - 1));
  }
  return set;
}

/** What Stirling's formula lacks of ln k!. */
const stirlingRest = (k: number): number => {
  const square = (k + 1) ** 2;
  return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1);
};

function halfByRejection(random: Random, n: number): number {
  const [deviation, mode] = [Math.sqrt(n) / 2, Math.floor((n + 1) / 2)];
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.005;
  const alpha = (2.83 + 5.1 / b) * deviation;
  for (;;) {
    const [u, v] = [unitOf(random) - 0.5, unitOf(random)];
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + n / 2 + 0.5);
    if (us >= 0.07 && v <= 0.92 - 4.2 / b) return k;
    if (k < 0 || k > n) continue;
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (n - mode + 1)) +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((n - k + 1) / (k + 1)) +
      stirlingRest(mode) +
      stirlingRest(n - mode) -
      stirlingRest(k) -
      stirlingRest(n - k);
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

/** The highest rank of `count` hashes, the last of which is `most`. */
function highest(random: Random, count: number, most: number): number {
  if (count === 0) return 0;
  const above = -Math.expm1(Math.log(unitOf(random)) / count);
  return Math.min(most, Math.max(1, Math.ceil(-Math.log2(above))));
}

/** Registers of that precision after `n` random hashes of 64 bits. */
export function drawRegisters(random: Random, n: number, precision: number): Uint8Array {
  const registers = new Uint8Array(2 ** precision);
  const spread = (count: number, from: number, until: number): void => {
    if (until - from === 1) registers[from] = highest(random, count, 65 - precision);
    else {
      const [first, middle] = [half(random, count), (from + until) / 2];
      spread(first, from, middle);
      spread(count - first, middle, until);
    }
  };
  spread(n, 0, registers.length);
  return registers;
}
