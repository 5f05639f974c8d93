// The most frequent values of a path: a list, so the metric names the path in a grouping set and each value is a
// group with an interval of its own. Without a grouping set: how many events have a value. Batch counts every
// value and keeps the k of most events; speed counts them in a sample of events drawn by the hash of their
// ids, which is a function of the set of events, where a truncated list of counters would not be.
import type { Algebra } from "../algebra/algebra.ts";
import { decimalOf } from "../algebra/decimal.ts";
import { CONFIDENCE, type Estimate, exactly } from "../algebra/estimate.ts";
import { NO_REACH, type Reducer } from "../algebra/reducer.ts";
import type { EventColumns } from "../events/event-columns.ts";
import { groupText, groupValues } from "../metrics/group.ts";
import { type Path, type Selector, text } from "../metrics/selector.ts";
import { EMPTY_SAMPLE, plusSample } from "../sketches/user-sample.ts";
import type { GrainOption } from "./additive.ts";
import { topKKernel } from "./kernels/top-k-kernel.ts";
import { groupOf } from "./per-user-group.ts";
import { sharedCount } from "./share-bounds.ts";
import {
  type CountedGroups,
  decodeCountedGroups,
  decodeSampledGroups,
  type EventSample,
  earlierGroup,
  encodeCountedGroups,
  encodeSampledGroups,
  type SampledGroups,
  type TopItem,
} from "./top-k-states.ts";

export interface TopKOptions extends GrainOption {
  /** Values kept of each window: the `limit` of the metric where that names none. Default 100. */
  readonly k?: number;
  /** Events in the sample. A value of a share p of them is within about ± 2.6 √(p / sample). Default 4,096. */
  readonly sample?: number;
}

export type TopKReducer = Reducer<TopItem | null, CountedGroups, SampledGroups>;

export function topK(selector: Selector, options: TopKOptions = {}): TopKReducer {
  const { k = 100, sample = 4096, grains = ["hour", "day"] } = options;
  if (selector.select !== "text") throw new RangeError("topK counts texts");
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`topK: k is 1 or more, not ${k}`);
  if (!Number.isInteger(sample) || sample < 16)
    throw new RangeError(`topK: a sample of ${sample} events is no sample`);
  return withDims(selector.path, { k, sample, grains }, []);
}

type Whole = Required<TopKOptions>;

/** From groups over all dimensions inside to groups over some of them. */
function regrouped(dims: readonly Path[], by: readonly Path[]): (group: string) => string {
  const over = groupOf(dims, by, undefined);
  return (group) => over(groupValues(group) ?? []) ?? group;
}

function itemsOf(path: Path, dims: readonly Path[], columns: EventColumns) {
  const field = columns.field(path);
  const fields = dims.map((dim) => columns.field(dim));
  const group = groupOf(dims, dims, undefined);
  const { idHashes } = columns;
  return (row: number): TopItem | null => {
    if (field.text(row) === undefined) return null;
    const own = group(fields.map((f) => f.text(row) ?? null)) ?? groupText([]);
    return { hi: idHashes[4 * row] ?? 0, lo: idHashes[4 * row + 1] ?? 0, group: own };
  };
}

function withDims(path: Path, options: Whole, dims: readonly Path[]): TopKReducer {
  const { k, sample: size, grains } = options;
  const items = (columns: EventColumns) => itemsOf(path, dims, columns);
  const plus = (a: EventSample, b: EventSample) => plusSample(a, b, size, earlierGroup);
  const alone = ({ hi, lo, group }: TopItem): EventSample => ({
    kept: [{ hi, lo, state: group }],
    threshold: undefined,
  });
  const total = (counts: ReadonlyMap<string, number>) =>
    [...counts.values()].reduce((sum, n) => sum + n, 0);

  const exact: Algebra<TopItem | null, CountedGroups> = {
    zero: { counts: new Map(), sample: EMPTY_SAMPLE },
    append(state, item) {
      if (item === null) return state;
      const counts = new Map(state.counts);
      counts.set(item.group, (counts.get(item.group) ?? 0) + 1);
      return { counts, sample: plus(state.sample, alone(item)) };
    },
    plus(a, b) {
      const [large, small] = a.counts.size >= b.counts.size ? [a, b] : [b, a];
      const counts = new Map(large.counts);
      for (const [group, n] of small.counts) counts.set(group, (counts.get(group) ?? 0) + n);
      return { counts, sample: plus(a.sample, b.sample) };
    },
    present: ({ counts }) => exactly(decimalOf(total(counts))),
    presentBy({ counts }, _, by) {
      const group = regrouped(dims, by);
      const sums = new Map<string, number>();
      for (const [own, n] of counts) sums.set(group(own), (sums.get(group(own)) ?? 0) + n);
      return new Map([...sums].map(([key, n]) => [key, exactly(decimalOf(n))]));
    },
    encode: (state) => encodeCountedGroups(state, size),
    decode: (bytes) => decodeCountedGroups(bytes, size),
  };
  const approx: Algebra<TopItem | null, SampledGroups> = {
    zero: { events: 0, sample: EMPTY_SAMPLE },
    append: (state, item) =>
      item === null ? state : { events: state.events + 1, sample: plus(state.sample, alone(item)) },
    plus: (a, b) => ({ events: a.events + b.events, sample: plus(a.sample, b.sample) }),
    present: ({ events }) => exactly(decimalOf(events)),
    presentBy({ events, sample }, _, by) {
      const { shown } = ranked(sample, regrouped(dims, by), k);
      const n = sample.kept.length;
      return new Map(shown.map(([key, x]) => [key, estimated(x, n, events)]));
    },
    presentUnseen({ events, sample }, _, by) {
      const { most } = ranked(sample, regrouped(dims, by), k);
      const { high } = estimated(most, sample.kept.length, events);
      return { ...exactly(decimalOf(0)), high, confidence: CONFIDENCE };
    },
    encode: (state) => encodeSampledGroups(state, size),
    decode: (bytes) => decodeSampledGroups(bytes, size),
  };
  return {
    spec: { kind: "topK", k, sample: size },
    selects: [path, "event_id", ...dims].map((p) => text(p)),
    grains,
    additive: false,
    monotone: false,
    atMostEvents: true,
    atLeastDays: () => "sum",
    reach: NO_REACH,
    keeps: k,
    exact,
    approx,
    toApprox: ({ counts, sample }) => ({ events: total(counts), sample }),
    items,
    inside: (paths) => withDims(path, options, paths),
    kernels: {
      exact: () => topKKernel("exact", items, path, size, exact, approx),
      approx: () => topKKernel("approx", items, path, size, exact, approx),
    },
  };
}

/** The k groups that most sampled events have, and how many any other has at most. */
function ranked({ kept }: EventSample, group: (own: string) => string, k: number) {
  const sums = new Map<string, number>();
  for (const { state } of kept) sums.set(group(state), (sums.get(group(state)) ?? 0) + 1);
  const sorted = [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return { shown: sorted.slice(0, k), most: sorted[k]?.[1] ?? 0 };
}

function estimated(x: number, n: number, events: number): Estimate {
  const { value, low, high } = sharedCount(x, n, events);
  return {
    value: decimalOf(value),
    low: decimalOf(low),
    high: decimalOf(high),
    confidence: CONFIDENCE,
  };
}
