// Exact values of a range of settled days, merged from the exact partial states that batch keeps. Limited
// by the bytes it would read, and remembered by the runs it is made of.
import {
  type Algebra,
  dayStart,
  decodeBlock,
  decodePartial,
  type EpochMs,
  formatDecimal,
  GRAIN_MS,
  type GroupUnion,
  getOrMake,
  type Metric,
  type ObjectStore,
  type PartialRow,
  type RunObject,
  runObjectKey,
  type SpanValues,
  TandemError,
  TOTAL_GROUP,
  type UtcDay,
  type Window,
} from "@tandem/shared-logic";
import { Lru } from "../lru.ts";

export interface ExactRequest {
  readonly metric: Metric;
  readonly tenant: string;
  readonly set: number;
  readonly groups: readonly string[] | undefined;
  readonly window: Window;
  /** In order; all settled. */
  readonly days: readonly { readonly day: UtcDay; readonly run: string }[];
  /** Groups that are merged into one. */
  readonly union?: { readonly of: GroupUnion; readonly text: string };
}

interface Merged {
  state: unknown;
  events: number;
  skipped: number;
}

export interface Budget {
  leftBytes: number;
}

export interface ExactMergeOptions {
  readonly objects: Pick<ObjectStore, "get" | "list">;
  readonly dataset: string;
  /** Bytes of partial states that one answer may read. Default 64 MiB. */
  readonly limitBytes?: number;
}

export class ExactMerge {
  private readonly objects: ExactMergeOptions["objects"];
  private readonly dataset: string;
  private readonly limitBytes: number;
  /** `too_much`: reads more than the limit, or has more groups than the metric keeps. */
  private readonly made = new Lru<SpanValues | "too_much">(256);

  constructor({ objects, dataset, limitBytes = 64 << 20 }: ExactMergeOptions) {
    this.objects = objects;
    this.dataset = dataset;
    this.limitBytes = limitBytes;
  }

  /** What one answer may read. */
  budget(): Budget {
    return { leftBytes: this.limitBytes };
  }

  /**
   * Undefined where it would cost too much, a kept object is gone or the store does not answer: the
   * sketches answer then.
   */
  async values(request: ExactRequest, budget: Budget): Promise<SpanValues | undefined> {
    try {
      return await this.remembered(request, budget);
    } catch (error) {
      if (error instanceof TandemError && error.retryable) return undefined;
      throw error;
    }
  }

  private async remembered(request: ExactRequest, budget: Budget): Promise<SpanValues | undefined> {
    const { metric, tenant, set, groups, window, days, union } = request;
    const runs = days.map((d) => d.run);
    const key = JSON.stringify([
      metric.fingerprint,
      tenant,
      set,
      groups,
      window,
      runs,
      union?.text,
    ]);
    const known = this.made.get(key);
    if (known !== undefined) return known === "too_much" ? undefined : known;
    const found = await this.partialsOf(request);
    if (found === undefined || (found !== "too_much" && found.sizeBytes > budget.leftBytes))
      return undefined;
    if (found !== "too_much") budget.leftBytes -= found.sizeBytes;
    const merged =
      found === "too_much" ? found : ((await this.merge(request, found.partials)) ?? "too_much");
    if (merged === "gone") return undefined;
    this.made.set(key, merged);
    return merged === "too_much" ? undefined : merged;
  }

  private async partialsOf({ days }: ExactRequest) {
    const found: { day: UtcDay; key: string }[] = [];
    let sizeBytes = 0;
    for (const { day, run } of days) {
      const bytes = await this.objects.get(runObjectKey(this.dataset, run));
      if (!bytes) return undefined;
      const { partials } = JSON.parse(new TextDecoder().decode(bytes)) as RunObject;
      for (const key of partials) {
        for await (const object of this.objects.list(key)) {
          if (object.key === key) sizeBytes += object.sizeBytes;
          break;
        }
        found.push({ day, key });
      }
      if (sizeBytes > this.limitBytes) return "too_much";
    }
    return { partials: found, sizeBytes };
  }

  private async merge(
    { metric, tenant, set, groups, window, union }: ExactRequest,
    partials: readonly { readonly day: UtcDay; readonly key: string }[],
  ): Promise<SpanValues | "gone" | undefined> {
    const inside = metric.reducer.inside !== undefined;
    const merged = new Map<string, Merged>();
    for (const { day, key } of partials) {
      const bytes = await this.objects.get(key);
      if (!bytes) return "gone";
      const cells = cellsOf(metric, window, day);
      const rows = readable(bytes);
      if (!rows) return "gone";
      for (const row of rows) {
        if (row.tenant !== tenant || row.set !== (inside ? 0 : set)) continue;
        if (!inside && groups && !groups.includes(row.group)) continue;
        const group = union && !inside ? union.of(row.group) : row.group;
        if (group !== undefined) addRow(metric, merged, row, group, cells);
      }
      // Others get their turn between two objects.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return inside ? insideValues(metric, set, window, merged) : cellValues(metric, window, merged);
  }
}

/**
 * The cells that a day's states give. A reach is taken along where overlap is harmless, because states
 * are sets; else each day gives its own cells only.
 */
function cellsOf(metric: Metric, window: Window, day: UtcDay): Window {
  const { reach, inside, grains } = metric.reducer;
  const cellMs = GRAIN_MS[grains[0] ?? "hour"];
  if (inside) {
    const from = Math.floor((window.from - reach.beforeMs) / cellMs) * cellMs;
    return { from: from as EpochMs, until: (window.until + reach.afterMs) as EpochMs };
  }
  return {
    from: Math.max(window.from, dayStart(day)) as EpochMs,
    until: Math.min(window.until, dayStart((day + 1) as UtcDay)) as EpochMs,
  };
}

/** Undefined of a damaged object: batch makes it again, sketches answer until then. */
function readable(bytes: Uint8Array): readonly PartialRow[] | undefined {
  try {
    return decodePartial(bytes);
  } catch (error) {
    if (error instanceof TandemError && error.code === "corrupt_bytes") return undefined;
    throw error;
  }
}

function addRow(
  metric: Metric,
  merged: Map<string, Merged>,
  row: PartialRow,
  group: string,
  { from, until }: Window,
): void {
  const exact = metric.reducer.exact as Algebra<unknown, unknown>;
  const cellMs = GRAIN_MS[metric.reducer.grains[0] ?? "hour"];
  for (const cell of decodeBlock(row.state)) {
    const at = row.startMs + cell.cell * cellMs;
    if (at < from || at >= until) continue;
    const into = getOrMake(merged, group, () => ({ state: exact.zero, events: 0, skipped: 0 }));
    into.state = exact.plus(into.state, exact.decode(cell.state));
    into.events += cell.events;
    into.skipped += cell.skipped;
  }
}

function cellValues(
  metric: Metric,
  window: Window,
  merged: ReadonlyMap<string, Merged>,
): SpanValues | undefined {
  if (merged.size > metric.limit) return undefined;
  const exact = metric.reducer.exact as Algebra<unknown, unknown>;
  const values = new Map<string, string | null>();
  const skipped = new Map<string, number>();
  for (const [group, { state, events, skipped: n }] of merged) {
    const { value } = exact.present(state, { window, events });
    values.set(group, value === null ? null : formatDecimal(value));
    if (n > 0) skipped.set(group, n);
  }
  return { run: undefined, values, skipped };
}

function insideValues(
  metric: Metric,
  set: number,
  window: Window,
  merged: ReadonlyMap<string, Merged>,
): SpanValues | undefined {
  const exact = metric.reducer.exact as Algebra<unknown, unknown>;
  const whole = merged.get(TOTAL_GROUP) ?? { state: exact.zero, events: 0 };
  const context = { window, events: whole.events };
  const estimates =
    set > 0 && exact.presentBy
      ? exact.presentBy(whole.state, context, metric.sets[set] ?? [])
      : new Map([[TOTAL_GROUP, exact.present(whole.state, context)]]);
  if (estimates.size >= metric.limit) return undefined;
  const values = new Map<string, string | null>();
  for (const [group, { value }] of estimates)
    values.set(group, value === null ? null : formatDecimal(value));
  return { run: undefined, values, skipped: new Map() };
}
