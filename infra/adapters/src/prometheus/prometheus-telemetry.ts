// Telemetry kept in a registry of its own and printed in the Prometheus text format, with the process's
// usual figures (memory, event loop, open files) beside it.
import { type CounterName, type MetricName, TELEMETRY, type Telemetry } from "@tandem/shared-logic";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface PrometheusTelemetry extends Telemetry {
  readonly contentType: string;
  text(): Promise<string>;
}

type Kept = Counter | Gauge | Histogram;

/** `processFigures`: false leaves the process's own out. */
export function prometheusTelemetry(
  options: { readonly processFigures?: boolean } = {},
): PrometheusTelemetry {
  const registry = new Registry();
  if (options.processFigures ?? true) collectDefaultMetrics({ register: registry });
  const kept = new Map<MetricName, Kept>();
  for (const [name, facts] of Object.entries(TELEMETRY)) {
    const labelNames = [...facts.labels];
    const { help } = facts;
    const registers = [registry];
    const make = (): Kept => {
      if (facts.kind === "counter") return new Counter({ name, help, labelNames, registers });
      if (facts.kind === "gauge") return new Gauge({ name, help, labelNames, registers });
      return new Histogram({ name, help, labelNames, registers, buckets: [...facts.buckets] });
    };
    const metric = make();
    // A gauge nobody sets has no value; 0 would be one.
    if (facts.kind === "gauge") metric.reset();
    if (facts.kind === "gauge" && labelNames.length === 0) metric.remove();
    kept.set(name as MetricName, metric);
  }
  const of = <T extends Kept>(name: MetricName, type: new (...args: never[]) => T): T => {
    const metric = kept.get(name);
    if (!(metric instanceof type)) throw new RangeError(`${name} is no ${type.name}`);
    return metric;
  };
  const totals = new Map<string, number>();
  const totalKey = (name: CounterName, labels: object): string =>
    `${name} ${JSON.stringify(labels)}`;
  const readers = new Set<() => void | Promise<void>>();
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    for (const reader of readers) {
      try {
        await reader();
      } catch {
        of("telemetry_failures_total", Counter).inc(1);
      }
    }
  }

  return {
    contentType: registry.contentType,
    add: (name, by, ...[labels = {}]) => of(name, Counter).inc(labels, by),
    total(name, value, ...[labels = {}]) {
      const key = totalKey(name, labels);
      const before = totals.get(key) ?? 0;
      totals.set(key, value);
      // One that fell began anew, so all of it is new.
      of(name, Counter).inc(labels, value >= before ? value - before : value);
    },
    set: (name, value, ...[labels = {}]) => of(name, Gauge).set(labels, value),
    forget: (name, ...[labels = {}]) => of(name, Gauge).remove(labels),
    observe: (name, value, ...[labels = {}]) => of(name, Histogram).observe(labels, value),
    onScrape(reader) {
      readers.add(reader);
      return () => void readers.delete(reader);
    },
    async text() {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
      return registry.metrics();
    },
  };
}
