// The integers that stand for (dataset, metric) and (metric, tenant, set) in sqlite's keys. They are
// never deleted, so a code once committed is good for the life of the file.
import type { Fingerprint } from "@tandem/shared-logic";
import { int, type SqliteFile } from "./sqlite-file.ts";

export class MetricCodes {
  private readonly file: SqliteFile;
  /** dataset -> fp -> code */
  private readonly metrics = new Map<string, Map<string, number>>();
  /** metric -> set -> tenant -> code */
  private readonly seriesOf = new Map<number, Map<number, Map<string, number>>>();

  constructor(file: SqliteFile) {
    this.file = file;
  }

  /** Codes made in a transaction that is rolled back are forgotten with it. */
  transaction<T>(body: () => T): T {
    return this.forgetting(() => this.file.transaction(body));
  }
  durably<T>(body: () => T): T {
    return this.forgetting(() => this.file.durably(body));
  }
  private forgetting<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      this.metrics.clear();
      this.seriesOf.clear();
      throw error;
    }
  }

  knownMetric(dataset: string, fp: Fingerprint): number | undefined {
    const codes = child(this.metrics, dataset, () => new Map<string, number>());
    return codes.get(fp) ?? this.found(codes, fp, FIND_METRIC, dataset, fp);
  }

  metric(dataset: string, fp: Fingerprint): number {
    const known = this.knownMetric(dataset, fp);
    if (known !== undefined) return known;
    this.file.run("INSERT INTO metric(dataset, fp) VALUES (?, ?)", dataset, fp);
    return int(this.file.get(FIND_METRIC, dataset, fp), 0);
  }

  knownSeries(dataset: string, fp: Fingerprint, tenant: string, set: number): number | undefined {
    const metric = this.knownMetric(dataset, fp);
    if (metric === undefined) return undefined;
    const codes = child(
      child(this.seriesOf, metric, () => new Map<number, Map<string, number>>()),
      set,
      () => new Map<string, number>(),
    );
    return codes.get(tenant) ?? this.found(codes, tenant, FIND_SERIES, metric, tenant, set);
  }

  series(dataset: string, fp: Fingerprint, tenant: string, set: number): number {
    const known = this.knownSeries(dataset, fp, tenant, set);
    if (known !== undefined) return known;
    const metric = this.metric(dataset, fp);
    this.file.run(
      `INSERT INTO series(metric, tenant, "set") VALUES (?, ?, ?)`,
      metric,
      tenant,
      set,
    );
    return int(this.file.get(FIND_SERIES, metric, tenant, set), 0);
  }

  private found(
    codes: Map<string, number>,
    name: string,
    sql: string,
    ...key: (string | number)[]
  ): number | undefined {
    const row = this.file.get(sql, ...key);
    if (row === undefined) return undefined;
    codes.set(name, int(row, 0));
    return int(row, 0);
  }
}

const FIND_METRIC = "SELECT id FROM metric WHERE dataset = ? AND fp = ?";
const FIND_SERIES = `SELECT id FROM series WHERE metric = ? AND tenant = ? AND "set" = ?`;

function child<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
