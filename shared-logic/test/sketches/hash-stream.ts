// Random hashes for the sketches' tests: pairs of 32-bit lanes, as murmur3 gives them.
import { type Random, seededRandom } from "../../src/ports/random.ts";
import {
  addHash,
  emptyHyperLogLog,
  entryOf,
  fromHashes,
  type HyperLogLog,
  rankOf,
  registerOf,
} from "../../src/sketches/hyperloglog.ts";

export const hashesOf = (n: number, random: Random): Uint32Array[] =>
  Array.from({ length: n }, () => Uint32Array.of(random.u32(), random.u32()));

/** Registers set by the book: the first bits name one, the place of the first 1 in the rest is its rank. */
export function registersByTheBook(hashes: readonly Uint32Array[], precision: number): Uint8Array {
  const registers = new Uint8Array(2 ** precision);
  for (const lanes of hashes) {
    const bits = [...lanes].map((lane) => lane.toString(2).padStart(32, "0")).join("");
    const register = Number.parseInt(bits.slice(0, precision), 2);
    const first = bits.indexOf("1", precision);
    const rank = (first < 0 ? 64 : first) - precision + 1;
    registers[register] = Math.max(registers[register]!, rank);
  }
  return registers;
}

/** The sketch of n random hashes, without keeping them. */
export function sketchOf(n: number, precision: number, seed: number): HyperLogLog {
  const random = seededRandom(seed);
  if (n <= 2 ** precision) return fromHashes(hashesOf(n, random), precision);
  const registers = new Uint8Array(2 ** precision);
  for (let i = 0; i < n; i++) {
    const entry = entryOf(random.u32(), random.u32());
    const [at, rank] = [registerOf(entry, precision), rankOf(entry, precision)];
    if (rank > registers[at]!) registers[at] = rank;
  }
  return { form: "dense", precision, registers };
}

/**
 * A dense sketch of about n hashes, n far above the registers: each register's rank is drawn from
 * P(rank <= k) = exp(−n / m · 2^−k), the law of a Poisson number of hashes.
 */
export function largeSketch(n: number, precision: number, random: Random): HyperLogLog {
  const m = 2 ** precision;
  const registers = Uint8Array.from({ length: m }, () => {
    const u = (random.u32() + 0.5) / 2 ** 32;
    return Math.max(0, Math.ceil(Math.log2(n / m / -Math.log(u))));
  });
  return { form: "dense", precision, registers };
}

export const oneByOne = (hashes: readonly Uint32Array[], precision: number): HyperLogLog =>
  hashes.reduce((s, [h0 = 0, h1 = 0]) => addHash(s, h0, h1), emptyHyperLogLog(precision));
