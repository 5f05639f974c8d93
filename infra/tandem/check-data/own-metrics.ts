// A data set's own metrics: the funnels and the retention that its reference answers tell of, as metric files in a
// folder that is passed by --metrics, as a stranger would write them; and the figures that they must give. Each also
// with a sample so small that what speed claims is really tested.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCsv } from "./csv.ts";

export interface OwnFigure {
  readonly metric: string;
  readonly grain: "day" | "total";
  /** The dimension that the reducer lists. */
  readonly list: "step" | "return";
  readonly key: string;
  /** Start of the window; of the only one for total. */
  readonly from?: string;
  readonly value: string;
}

interface ReferenceFunnel {
  readonly steps: readonly string[];
  readonly window_seconds: number;
  readonly users_reaching_step: readonly number[];
  readonly users_reaching_step_strictly_increasing_time: readonly number[];
}

/** Batch is exact whatever the sample. */
export const SAMPLES = { batch: [undefined], speed: [undefined, 16, 64] } as const;
const COHORTS = "retention_daily_cohorts.csv";

const fileOf = (name: string, unit: string, list: string, shape: string, sample?: number): string =>
  `import { eventType, funnel, metric, perUser, retention } from "@tandem/shared-logic";
void [eventType, funnel, retention];

export const own = metric({
  name: ${JSON.stringify(name)},
  title: ${JSON.stringify(name)},
  unit: ${JSON.stringify(unit)},
  version: 1,
  reducer: perUser(${shape}${sample === undefined ? "" : `, { sample: ${sample} }`}),
  by: [[${JSON.stringify(list)}]],
  examples: [],
});
`;

/** Writes the files into `into`; what the metrics must say. */
export function writeOwnMetrics(
  folder: string,
  into: string,
  samples: readonly (number | undefined)[],
): OwnFigure[] {
  mkdirSync(into, { recursive: true });
  const figures: OwnFigure[] = [];
  for (const sample of samples) {
    const suffix = sample === undefined ? "" : `_k${sample}`;
    const write = (base: string, list: OwnFigure["list"], shape: string): string => {
      const name = `${base}${suffix}`;
      writeFileSync(join(into, `${name}.ts`), fileOf(name, "users", list, shape, sample));
      return name;
    };
    for (const [i, funnel] of funnelsOf(folder).entries()) {
      for (const increasing of [false, true]) {
        const steps = funnel.steps.map((type) => `eventType(${JSON.stringify(type)})`).join(", ");
        const windowMs = funnel.window_seconds * 1000;
        const shape = `funnel({ steps: [${steps}], windowMs: ${windowMs}, increasing: ${increasing} })`;
        const metric = write(`funnel_${i}${increasing ? "_increasing" : ""}`, "step", shape);
        const reached = increasing
          ? funnel.users_reaching_step_strictly_increasing_time
          : funnel.users_reaching_step;
        for (const [step, users] of reached.entries())
          figures.push({
            metric,
            grain: "total",
            list: "step",
            key: `${step + 1}`,
            value: `${users}`,
          });
      }
    }
    const cohorts = readCsv(join(folder, "reference", COHORTS)) ?? [];
    const days = Object.keys(cohorts[0] ?? {}).flatMap((c) => /^day(\d+)$/.exec(c)?.[1] ?? []);
    if (days.length === 0) continue;
    const shape = `retention({ on: [${days.join(", ")}], value: "users", lookbackDays: 60 })`;
    const metric = write("cohorts", "return", shape);
    for (const row of cohorts) {
      const from = `${row["first_active_day"]}T00:00:00Z`;
      for (const key of ["0", ...days]) {
        const value = row[key === "0" ? "users" : `day${key}`] ?? "";
        figures.push({ metric, grain: "day", list: "return", key, from, value });
      }
    }
  }
  return figures;
}

function funnelsOf(folder: string): readonly ReferenceFunnel[] {
  const file = join(folder, "reference", "summary.json");
  if (!existsSync(file)) return [];
  const summary = JSON.parse(readFileSync(file, "utf8")) as { funnels?: ReferenceFunnel[] };
  return summary.funnels ?? [];
}
