// Goal A1: how far HyperLogLog is off. Streams of random hashes; at each size the relative errors of many of
// them, of one sketch and of eight merged ones, against the theory of its registers.
import {
  DEFAULT_PRECISION,
  entryOf,
  estimateHyperLogLog,
  type HyperLogLog,
  rankOf,
  registerOf,
  seededRandom,
  union,
} from "@tandem/shared-logic";
import type { Row } from "./figure.ts";
import { goalFigure } from "./measured.ts";

const SIZES = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const PARTS = 8;
const TRIALS = Number(process.env["TRIALS"] ?? 1000);
/** Hashes of all trials of one size; at least `LEAST_TRIALS` are made. */
const MOST_HASHES = 400_000_000;
const LEAST_TRIALS = 40;
const THEORY = 1.04 / Math.sqrt(2 ** DEFAULT_PRECISION);

/** Eight sketches of `n` hashes together, each hash in one of them. */
function sketches(n: number, seed: number): HyperLogLog[] {
  const random = seededRandom(seed);
  const registers = Array.from({ length: PARTS }, () => new Uint8Array(2 ** DEFAULT_PRECISION));
  for (let i = 0; i < n; i++) {
    const entry = entryOf(random.u32(), random.u32());
    const of = registers[i % PARTS]!;
    const [at, rank] = [registerOf(entry, DEFAULT_PRECISION), rankOf(entry, DEFAULT_PRECISION)];
    if (rank > of[at]!) of[at] = rank;
  }
  return registers.map((r) => ({ form: "dense", precision: DEFAULT_PRECISION, registers: r }));
}

interface Errors {
  readonly rmse: number;
  readonly bias: number;
}

function errorsOf(errors: readonly number[]): Errors {
  const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
  const square = errors.reduce((a, b) => a + b * b, 0) / errors.length;
  return { rmse: Math.sqrt(square) / THEORY, bias: Math.abs(mean) / THEORY };
}

export const sketch: Row = async (say) => {
  const [single, merged]: [Errors[], Errors[]] = [[], []];
  for (const size of SIZES) {
    const trials = Math.max(LEAST_TRIALS, Math.min(TRIALS, Math.floor(MOST_HASHES / size)));
    const [one, eight]: [number[], number[]] = [[], []];
    for (let t = 0; t < trials; t++) {
      const parts = sketches(size, 1000 * SIZES.indexOf(size) + t);
      // Merging is register-max, so the union is the sketch of one pass; the other order must be the same.
      const all = parts.reduce(union);
      one.push(estimateHyperLogLog(all) / size - 1);
      eight.push(estimateHyperLogLog(parts.reduceRight((a, b) => union(b, a))) / size - 1);
    }
    single.push(errorsOf(one));
    merged.push(errorsOf(eight));
    const [s, m] = [single.at(-1)!, merged.at(-1)!];
    say(
      `${size}: RMSE ${s.rmse.toFixed(3)}, merged ${m.rmse.toFixed(3)}, bias ${s.bias.toFixed(3)} sigma of theory, ${trials} trials`,
    );
  }
  const rmse = (of: readonly Errors[]): number[] => [Math.max(...of.map((e) => e.rmse))];
  const worst = (of: readonly Errors[]) => ({
    ours: rmse(of)[0]! * THEORY,
    peer: THEORY,
    runs: rmse(of),
  });
  const bias = Math.max(...single.map((e) => e.bias));
  return [
    goalFigure("sketch", "A1-single", worst(single)),
    goalFigure("sketch", "A1-merged", worst(merged)),
    goalFigure("sketch", "A1-bias", { ours: bias, runs: [bias] }),
  ];
};
