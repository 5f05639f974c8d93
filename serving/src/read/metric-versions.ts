// From what was asked for to a metric: `NAME@VERSION` is that version, a bare name the one that the ledger says.
// One row of the ledger is read, and only for names of which several versions are loaded.
import {
  type EpochMs,
  type Metric,
  parseMetricName,
  type ViewStore,
  type VisibleRow,
  versionAt,
  visibleKey,
  visibleOf,
} from "@tandem/shared-logic";

export interface ChosenMetric {
  readonly metric: Metric;
  /** What a bare name meant at a moment. */
  at(moment: EpochMs): Metric;
}

export class MetricVersions {
  /** Ascending. */
  readonly byName = new Map<string, readonly Metric[]>();
  private readonly views: Pick<ViewStore, "ledger">;
  private readonly dataset: string;

  constructor(metrics: readonly Metric[], views: Pick<ViewStore, "ledger">, dataset: string) {
    this.views = views;
    this.dataset = dataset;
    for (const m of metrics) this.byName.set(m.name, [...(this.byName.get(m.name) ?? []), m]);
    for (const [name, own] of this.byName)
      this.byName.set(
        name,
        [...own].sort((a, b) => a.version - b.version),
      );
  }

  /** Undefined where no such metric is loaded. */
  async choose(text: string): Promise<ChosenMetric | undefined> {
    const asked = parseMetricName(text);
    const loaded = asked && this.byName.get(asked.name);
    if (!loaded) return undefined;
    if (asked.version !== undefined) {
      const metric = loaded.find((m) => m.version === asked.version);
      return metric && { metric, at: () => metric };
    }
    const row = await this.row(asked.name, loaded);
    const metric = visibleOf(row?.version, loaded);
    if (!metric) return undefined;
    return { metric, at: (moment) => visibleOf(versionAt(row, moment), loaded) ?? metric };
  }

  /** The names that would work instead of one that does not: the versions of a known metric, else all names. */
  wouldWork(text: string): string[] {
    const name = parseMetricName(text)?.name ?? text;
    const own = this.byName.get(name);
    return own ? [name, ...own.map((m) => `${name}@${m.version}`)] : [...this.byName.keys()].sort();
  }

  private async row(name: string, loaded: readonly Metric[]): Promise<VisibleRow | undefined> {
    if (loaded.length < 2) return undefined;
    const row = await this.views.ledger(visibleKey(this.dataset, name));
    return row && (JSON.parse(row.value) as VisibleRow);
  }
}
