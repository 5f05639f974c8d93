// What batch answered, day by day and for each grouping set, is what DuckDB computes from the same archive by the
// metric's SQL (`tandem metrics sql`).
import type { Metric } from "@tandem/shared-logic";
import type { Asker } from "./ask.ts";
import { check, say } from "./outcome.ts";
import { openSqlOracle } from "./sql-oracle.ts";
import type { Range } from "./system.ts";

const TENANT = "default";
const MOST_SHOWN = 3;

export async function checkSql(
  name: string,
  files: string,
  range: Range,
  metrics: readonly Metric[],
  { ask }: Asker,
): Promise<void> {
  const oracle = await openSqlOracle(files);
  try {
    for (const metric of metrics) {
      const differences: string[] = [];
      let points = 0;
      for (const by of metric.sets) {
        const grain = "day";
        const judge = await oracle.ask(metric, { ...range, grain, by });
        const verdict = judge(TENANT, await ask({ metric: metric.name, grain, by }));
        points += verdict.points;
        differences.push(...verdict.differences.map((d) => `by [${by.join(",")}] ${d}`));
      }
      for (const one of differences.slice(0, MOST_SHOWN)) say(`     ${metric.name} ${one}`);
      check(
        differences.length === 0 && points > 0,
        `${name} batch ${metric.name}: SQL gives ${points - differences.length} of ${points} points`,
      );
    }
  } finally {
    oracle.close();
  }
}
