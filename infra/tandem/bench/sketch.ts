// Goal A1: how far HyperLogLog is off. Streams of random hashes, none of them twice; at each size the relative
// errors of many of them, of one sketch and of eight merged ones drawn for themselves, against the theory of its
// registers. Small streams go hash by hash through the states that are stored, the sparse ones too; large ones are
// drawn as registers (register-stream.ts), and at one size it is checked that both say the same.
import {
  DEFAULT_PRECISION,
  entryOf,
  estimateHyperLogLog,
  fromEntries,
  type HyperLogLog,
  type Random,
  union,
} from "@tandem/shared-logic";
import type { Figure, Row } from "./figure.ts";
import { goalFigure } from "./measured.ts";
import { drawRegisters, longRandom } from "./register-stream.ts";

const SIZES = [100, 1_000, 1_500, 3_000, 10_000, 30_000, 100_000, 1_000_000, 10_000_000];
const PARTS = 8;
const TRIALS = Number(process.env["TRIALS"] ?? 2000);
/** From here on registers are drawn: a part of this size is never sparse. */
const DRAWN_FROM = 30_000;
const THEORY = 1.04 / Math.sqrt(2 ** DEFAULT_PRECISION);

type Stream = (random: Random, n: number) => HyperLogLog;

const hashed: Stream = (random, n) => {
  const entries = Uint32Array.from({ length: n }, () => entryOf(random.u32(), random.u32())).sort();
  // Of one index the highest rank stands last.
  const kept = entries.filter((e, i) => i + 1 === n || e >>> 6 !== entries[i + 1]! >>> 6);
  return fromEntries(kept, DEFAULT_PRECISION);
};

const drawn: Stream = (random, n) => ({
  form: "dense",
  precision: DEFAULT_PRECISION,
  registers: drawRegisters(random, n, DEFAULT_PRECISION),
});

interface Errors {
  readonly rmse: number;
  readonly bias: number;
  /** Standard error of the two, as shares of theory's sigma. */
  readonly rmseError: number;
  readonly biasError: number;
}

function errorsOf(estimates: readonly number[], n: number): Errors {
  const errors = estimates.map((e) => (e / n - 1) / THEORY);
  const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
  const square = errors.reduce((a, b) => a + b * b, 0) / errors.length;
  const rmse = Math.sqrt(square);
  const biasError = Math.sqrt(Math.max(0, square - mean * mean) / errors.length);
  return { rmse, bias: Math.abs(mean), rmseError: rmse / Math.sqrt(2 * errors.length), biasError };
}

/** Of `trials` streams of `n` hashes: of one sketch, and of eight with an eighth each. */
function trialsOf(stream: Stream, n: number, trials: number, seed: number): [Errors, Errors] {
  const random = longRandom(seed);
  const [one, eight]: [number[], number[]] = [[], []];
  for (let t = 0; t < trials; t++) {
    one.push(estimateHyperLogLog(stream(random, n)));
    const parts = Array.from({ length: PARTS }, (_, p) =>
      stream(random, Math.floor((n + p) / PARTS)),
    );
    const [forwards, backwards] = [parts.reduce(union), parts.reduceRight((a, b) => union(b, a))];
    eight.push(estimateHyperLogLog(forwards));
    if (estimateHyperLogLog(backwards) !== eight.at(-1)) eight.push(Number.NaN);
  }
  return [errorsOf(one, n), errorsOf(eight, n)];
}

const worst = (of: readonly Errors[], what: "rmse" | "bias"): Errors =>
  of.reduce((a, b) => (b[what] > a[what] ? b : a));

export const sketch: Row = async (say) => {
  const [single, merged]: [Errors[], Errors[]] = [[], []];
  for (const [i, n] of SIZES.entries()) {
    const [s, m] = trialsOf(n < DRAWN_FROM ? hashed : drawn, n, TRIALS, i + 1);
    single.push(s);
    merged.push(m);
    say(
      `${n}: RMSE ${s.rmse.toFixed(3)}, merged ${m.rmse.toFixed(3)} (each ± ${s.rmseError.toFixed(3)}), bias ${s.bias.toFixed(3)}, merged ${m.bias.toFixed(3)} (± ${s.biasError.toFixed(3)}) sigma of theory, ${TRIALS} trials`,
    );
  }
  const [ours, theirs] = [hashed, drawn].map((s, i) => trialsOf(s, DRAWN_FROM, 400, 90 + i)[0]);
  const apart =
    Math.abs(ours!.rmse - theirs!.rmse) / Math.hypot(ours!.rmseError, theirs!.rmseError);
  say(`hash by hash and drawn, at ${DRAWN_FROM}: ${apart.toFixed(1)} standard errors apart`);
  const figures: Figure[] = [];
  for (const [key, of] of [
    ["A1-single", single],
    ["A1-merged", merged],
  ] as const) {
    const { rmse, rmseError } = worst(of, "rmse");
    const taken = { ours: rmse * THEORY, peer: THEORY, runs: [rmse] };
    figures.push(goalFigure("sketch", key, taken, `± ${rmseError.toFixed(3)}`));
  }
  const { bias, biasError } = worst([...single, ...merged], "bias");
  const taken = { ours: bias, runs: [bias] };
  figures.push(goalFigure("sketch", "A1-bias", taken, `± ${biasError.toFixed(3)}`));
  const wrong = apart > 4 || merged.some((m) => Number.isNaN(m.rmse));
  return wrong
    ? figures.map((f) => ({ ...f, wrong: "streams or orders of merging differ" }))
    : figures;
};
