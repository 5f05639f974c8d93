// `tandem metrics sql`: a metric's declaration as DuckDB SQL over the archive, to be run and read by whoever wants to see the
// same numbers come out of another engine. Nothing is opened: it may be run beside anything.
import { join } from "node:path";
import { chosenPorts, dataFolders, loadMetrics } from "@tandem/adapters/stack";
import { versionsByName } from "@tandem/batch-layer";
import {
  describeMetric,
  formatInstant,
  type Grain,
  groupText,
  type Metric,
  parseInstant,
  parseMetricName,
  SPAN_GRAINS,
  STORED_GRAINS,
} from "@tandem/shared-logic";
import { type MetricSql, metricSql } from "../sql/metric-sql.ts";
import { literal } from "../sql/text.ts";
import type { Io } from "./io.ts";
import type { CommonOptions } from "./settings.ts";

export const SQL_GRAINS: readonly string[] = [...STORED_GRAINS, ...SPAN_GRAINS, "total"];

export interface SqlOptions {
  readonly grain: Grain;
  readonly by?: string;
  readonly from?: string;
  readonly until?: string;
  /** What FROM is to name. */
  readonly archive?: string;
}

/** False where there is no such metric, grouping set, moment, or SQL: the problem is printed. */
export async function metricSqlCommand(
  name: string,
  o: CommonOptions & SqlOptions,
  io: Io,
): Promise<boolean> {
  const no = (why: string): false => {
    io.err(`tandem: ${why}\n`);
    return false;
  };
  const metrics = await loadMetrics(o.metrics);
  const metric = named(metrics, name);
  if (!metric) return no(`there is no metric ${name}; tandem metrics lists them`);
  const by = o.by === undefined ? [] : o.by.split(",");
  const key = groupText([...by].sort());
  if (!metric.sets.some((set) => groupText([...set].sort()) === key))
    return no(
      `${name} is not kept by ${by.join(", ")}, but by ${metric.by.map((set) => set.join(",")).join(" or ") || "nothing"}`,
    );
  const range: { from?: string; until?: string } = {};
  for (const end of ["from", "until"] as const) {
    const text = o[end];
    if (text === undefined) continue;
    const at = parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
    if (at === undefined) return no(`--${end} ${text} is no moment, such as 2026-03-02`);
    range[end] = formatInstant(at);
  }
  const archive = o.archive ?? archiveOf(o, metric);
  const { settings } = o;
  const tenant = settings.sources.get("tenant") === "default" ? undefined : o.tenant;
  const question = { ...range, archive, grain: o.grain, by, tenant };
  const made: MetricSql = metricSql(describeMetric(metric), question);
  if (!made.ok) return no(made.problem);
  io.out(`-- ${metric.name}@${metric.version}: ${metric.title} (${metric.unit})\n${made.sql}`);
  return true;
}

/** The newest version, where none is said. */
function named(metrics: readonly Metric[], text: string): Metric | undefined {
  const asked = parseMetricName(text);
  const versions = asked && versionsByName(metrics).get(asked.name);
  return asked?.version === undefined
    ? versions?.at(-1)
    : versions?.find((m) => m.version === asked.version);
}

function archiveOf({ settings, data }: CommonOptions, { dataset }: Metric): string {
  const { config } = settings;
  const keys = `archive/${dataset}/*/*.parquet`;
  if (chosenPorts(config).objects !== "s3")
    return `read_parquet(${literal(join(dataFolders(data).objects, keys))}, union_by_name = true)`;
  const { bucket, prefix } = config.s3;
  const folders = [bucket, ...(prefix === undefined ? [] : [prefix])];
  return `read_parquet(${literal(`s3://${[...folders, keys].join("/")}`)}, union_by_name = true)`;
}
