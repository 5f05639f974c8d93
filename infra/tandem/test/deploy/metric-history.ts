// What a Prometheus server remembers of its targets: every series of every scrape, as the pages' text has it. A series
// that its target no longer shows is stale from that scrape on; `up` says whether the target answered.
export type Labels = Readonly<Record<string, string>>;
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}
export interface Selector {
  readonly name: string;
  readonly matches: (labels: Labels) => boolean;
}
type Points = { at: number; value: number | undefined }[];

/** As Prometheus has it: an older value is none. Seconds. */
const LOOK_BACK_S = 300;

export class MetricHistory {
  private readonly series = new Map<string, { name: string; labels: Labels; points: Points }>();

  /** `text` undefined: the target did not answer. Times in seconds. */
  scrape(at: number, target: Labels, text: string | undefined): void {
    const seen = new Set([this.put(at, "up", target, text === undefined ? 0 : 1)]);
    for (const line of (text ?? "").split("\n")) {
      const found = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (!found) continue;
      const [, name = "", own = "", value] = found;
      const labels: Record<string, string> = { ...target };
      for (const [, key = "", text = ""] of own.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
        labels[key] = text;
      seen.add(this.put(at, name, labels, Number(value)));
    }
    for (const [key, { labels, points }] of this.series)
      if (!seen.has(key) && labels["instance"] === target["instance"])
        points.push({ at, value: undefined });
  }

  private put(at: number, name: string, labels: Labels, value: number): string {
    const key = `${name} ${keyOf(labels)}`;
    const known = this.series.get(key) ?? { name, labels, points: [] };
    known.points.push({ at, value });
    this.series.set(key, known);
    return key;
  }

  instant({ name, matches }: Selector, at: number): Sample[] {
    return this.of(name, matches).flatMap(({ labels, points }) => {
      const last = points.findLast((p) => p.at <= at);
      const fresh = last?.value !== undefined && at - last.at < LOOK_BACK_S;
      return fresh ? [{ labels, value: last.value as number }] : [];
    });
  }

  /** `increase` as Prometheus counts it: what fell began anew, and the ends are extrapolated. */
  increase({ name, matches }: Selector, at: number, rangeS: number): Sample[] {
    return this.of(name, matches).flatMap(({ labels, points }) => {
      const own = points.filter((p) => p.at > at - rangeS && p.at <= at && p.value !== undefined);
      const [first, last] = [own[0], own.at(-1)];
      if (!first || !last || own.length < 2) return [];
      let delta = 0;
      for (const [i, { value = 0 }] of own.entries()) {
        const before = i === 0 ? value : (own[i - 1]?.value ?? 0);
        delta += value >= before ? value - before : value;
      }
      const sampledS = last.at - first.at;
      const stepS = sampledS / (own.length - 1);
      const most = (s: number): number => (s >= 1.1 * stepS ? stepS / 2 : s);
      let startS = most(first.at - (at - rangeS));
      if (delta > 0) startS = Math.min(startS, sampledS * ((first.value ?? 0) / delta));
      return [{ labels, value: delta * ((sampledS + startS + most(at - last.at)) / sampledS) }];
    });
  }

  private of(name: string, matches: Selector["matches"]) {
    return [...this.series.values()].filter((s) => s.name === name && matches(s.labels));
  }
}

export const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
