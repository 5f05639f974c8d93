// What a sample of users says: a total is the sample's divided by the share of users sampled (Horvitz
// and Thompson, 1952), a mean is the sample's own. While every user is kept both are the exact answer.
import type { PresentContext } from "../algebra/algebra.ts";
import { type Decimal, decimalOf, quotient } from "../algebra/decimal.ts";
import { CONFIDENCE, type Estimate } from "../algebra/estimate.ts";
import type { UserSample } from "../sketches/user-sample.ts";
import type { Window } from "../time/calendar.ts";
import type { GroupOf } from "./per-user-group.ts";
import type { PerUserAnswer, PerUserShape } from "./per-user-shape.ts";
import { type EveryTally, quantileBounds } from "./quantile-bounds.ts";
import { meanBounds, type SampleFacts, type Tally, totalBounds } from "./sample-bounds.ts";
import { shareBounds } from "./share-bounds.ts";

const decimal = (n: number): Decimal => decimalOf(BigInt(n));

function total(
  tallies: readonly Tally[],
  facts: SampleFacts | undefined,
  threshold: bigint,
  events: number,
): Estimate {
  const counted = tallies.reduce((sum, { count }) => sum + count, 0);
  const sampled = decimal(counted);
  if (facts === undefined)
    return { value: sampled, low: sampled, high: sampled, confidence: CONFIDENCE };
  const bounds = totalBounds(tallies, facts);
  // Whatever is counted starts with an event of its own.
  const most = Math.max(events, counted);
  const value = Number(quotient(decimalOf(BigInt(counted) << 64n), threshold, 0).units);
  const low = Math.min(most, Math.floor(bounds.low));
  const high = Math.min(most, Math.ceil(bounds.high));
  return {
    value: decimal(Math.min(high, Math.max(low, value))),
    low: decimal(low),
    high: decimal(high),
    confidence: CONFIDENCE,
  };
}

/** Who was not sampled may have something where the sample has nothing. */
function nothingOf(facts: SampleFacts | undefined, digits: number, amountScale: number): Estimate {
  if (facts === undefined) return { value: null, low: null, high: null, confidence: CONFIDENCE };
  const zero = decimalOf(0, digits);
  const most = decimalOf(BigInt(facts.most.amount), amountScale);
  return { value: zero, low: zero, high: most, confidence: CONFIDENCE };
}

function mean(
  tallies: readonly Tally[],
  facts: SampleFacts | undefined,
  { amountScale, digits }: Extract<PerUserAnswer, { kind: "mean" }>,
): Estimate {
  const count = tallies.reduce((sum, t) => sum + t.count, 0);
  if (count === 0) return nothingOf(facts, digits, amountScale);
  const amount = tallies.reduce((sum, t) => sum + BigInt(t.amount), 0n);
  const value = quotient(decimalOf(amount, amountScale), BigInt(count), digits);
  if (facts === undefined) return { value, low: value, high: value, confidence: CONFIDENCE };
  // Once per user, yes or no: a share, of which the linearised interval knows nothing where all are alike.
  const share = facts.most.count === 1 && facts.most.amount === 1;
  const bounds = share
    ? shareBounds(Number(amount), count, 1 - facts.p)
    : meanBounds(tallies, facts);
  const unit = 10 ** (digits - amountScale);
  const low = BigInt(Math.floor(bounds.low * unit));
  const high = BigInt(Math.ceil(bounds.high * unit));
  return {
    value,
    low: { units: low < value.units ? low : value.units, scale: digits },
    high: { units: high > value.units ? high : value.units, scale: digits },
    confidence: CONFIDENCE,
  };
}

function quantile(
  tallies: readonly EveryTally[],
  facts: SampleFacts | undefined,
  { amountScale, q }: Extract<PerUserAnswer, { kind: "quantile" }>,
): Estimate {
  if (tallies.length === 0) return nothingOf(facts, amountScale, amountScale);
  const { value, low, high } = quantileBounds(tallies, facts, q);
  const shown = (amount: number): Decimal => decimalOf(BigInt(amount), amountScale);
  return { value: shown(value), low: shown(low), high: shown(high), confidence: CONFIDENCE };
}

interface Tallies {
  readonly groups: ReadonlyMap<string, readonly EveryTally[]>;
  readonly heaviest: Tally;
}

/** What each sampled user adds to each group. */
function tally<S>(
  shape: PerUserShape<S>,
  sample: UserSample<S>,
  window: Window,
  groupOf: GroupOf,
): Tallies {
  const groups = new Map<string, EveryTally[]>();
  const every = shape.answer.kind === "quantile";
  const heaviest = { count: 0, amount: 0 };
  for (const { state } of sample.kept) {
    const own = new Map<string, { count: number; amount: number; amounts: number[] }>();
    const whole = { count: 0, amount: 0 };
    shape.occurrences(state, window, (values, amount, _, part) => {
      const key = groupOf(values, part);
      if (key === undefined) return;
      const group = own.get(key) ?? { count: 0, amount: 0, amounts: [] };
      own.set(key, group);
      if (every) group.amounts.push(amount);
      for (const sum of [group, whole]) {
        sum.count++;
        sum.amount += amount;
      }
    });
    for (const [key, group] of own) {
      const others = groups.get(key);
      if (others === undefined) groups.set(key, [group]);
      else others.push(group);
    }
    heaviest.count = Math.max(heaviest.count, whole.count);
    heaviest.amount = Math.max(heaviest.amount, whole.amount);
  }
  return { groups, heaviest };
}

function estimator<S>(
  shape: PerUserShape<S>,
  { kept, threshold }: UserSample<S>,
  { window, events }: PresentContext,
  heaviest: Tally,
): (tallies: readonly EveryTally[]) => Estimate {
  const { answer } = shape;
  let facts: SampleFacts | undefined;
  let below = 1n << 64n;
  if (threshold !== undefined) {
    below = (BigInt(threshold.hi) << 32n) | BigInt(threshold.lo);
    const p = Math.min((threshold.hi + threshold.lo / 2 ** 32) / 2 ** 32, 1 - Number.EPSILON);
    const most = shape.most(window);
    // What is not counted in every window anew starts with an event of its own.
    const bounded = answer.kind !== "total" && !shape.everyWindow;
    const count = bounded ? Math.max(1, Math.min(most.count, events)) : most.count;
    facts = { k: kept.length, p, most: { ...most, count }, heaviest };
  }
  if (answer.kind === "total") return (tallies) => total(tallies, facts, below, events);
  if (answer.kind === "quantile") return (tallies) => quantile(tallies, facts, answer);
  return (tallies) => mean(tallies, facts, answer);
}

/** `always`: groups that have an estimate even where no sampled user is in them. */
export function estimateGroups<S>(
  shape: PerUserShape<S>,
  sample: UserSample<S>,
  context: PresentContext,
  groupOf: GroupOf,
  always: readonly string[],
): Map<string, Estimate> {
  const { groups, heaviest } = tally(shape, sample, context.window, groupOf);
  const estimate = estimator(shape, sample, context, heaviest);
  const out = new Map([...groups].map(([key, tallies]) => [key, estimate(tallies)]));
  for (const key of always) if (!out.has(key)) out.set(key, estimate([]));
  return out;
}
