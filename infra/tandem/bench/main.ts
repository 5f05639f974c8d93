// `make bench`: each row in a process of its own, one after the other, then a table of goals and figures,
// and bench/results.json. ROW=name or ONLY=S4,B1 runs some; `--check` compares with the stored figures and
// stores nothing. Exits 1 where a result is wrong, or is worse than the stored one. How to read it: bench/README.md.
import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, cpus } from "node:os";
import { type Figure, type Row, tableOf } from "./figure.ts";
import { GOALS, type Goal, type GoalKey } from "./goals.ts";
import { regressions } from "./regressions.ts";
import { readResults, writeResults } from "./results.ts";

interface Entry {
  readonly goals: readonly GoalKey[];
  readonly load: () => Promise<Row>;
}

const ROWS: Readonly<Record<string, Entry>> = {
  peers: {
    goals: ["S0", "S1-foreign", "S1-own", "S2-foreign", "S2-own", "S3", "B1-Spark"],
    load: async () => (await import("./peers.ts")).peers,
  },
  speed: { goals: ["S4-282B", "S4-1KB"], load: async () => (await import("./speed.ts")).speed },
  garbage: { goals: ["S7"], load: async () => (await import("./garbage.ts")).garbage },
  dedupe: {
    goals: ["D1-false", "D1-bytes", "D1-time"],
    load: async () => (await import("./dedupe.ts")).dedupe,
  },
  batch: {
    goals: ["B1-DuckDB", "B1-Polars", "B2", "B3", "B4"],
    load: async () => (await import("./batch.ts")).batch,
  },
  "batch-job": {
    goals: ["B5-DuckDB", "B5-Polars"],
    load: async () => (await import("./batch-job.ts")).batchJob,
  },
  collector: {
    goals: ["C1-bare", "C1-fastify", "C1-express"],
    load: async () => (await import("./collector.ts")).collector,
  },
  query: { goals: ["Q1"], load: async () => (await import("./query.ts")).query },
  sketch: {
    goals: ["A1-single", "A1-merged", "A1-bias"],
    load: async () => (await import("./sketch.ts")).sketch,
  },
  growth: {
    goals: ["G1-CPU", "G1-state", "G1-views", "G1-batch"],
    load: async () => (await import("./growth.ts")).growth,
  },
  archive: { goals: ["G4"], load: async () => (await import("./archive.ts")).archive },
  heal: { goals: [], load: async () => (await import("./heal.ts")).heal },
  memory: { goals: [], load: async () => (await import("./memory.ts")).memory },
  live: { goals: [], load: async () => (await import("./live.ts")).live },
  latency: { goals: ["L2"], load: async () => (await import("./latency.ts")).latency },
};

async function inProcess(name: string): Promise<readonly Figure[]> {
  const child = fork(import.meta.filename, [name], { execArgv: ["--expose-gc", "--no-warnings"] });
  let figures: readonly Figure[] | undefined;
  child.on("message", (message) => {
    figures = message as readonly Figure[];
  });
  const [code] = (await once(child, "exit")) as [number | null];
  const dead = { row: name, what: "", goal: "", figure: "", wrong: `ended with ${code}` };
  return figures ?? [dead];
}

/** The rows asked for, or what is wrong with the question. */
function asked(env: NodeJS.ProcessEnv): readonly string[] | string {
  const names = Object.keys(ROWS);
  const [row, only] = [env["ROW"], env["ONLY"]];
  if (row) {
    const unknown = row.split(",").filter((name) => !(name in ROWS));
    return unknown.length > 0 ? `no row ${unknown}; rows: ${names.join(", ")}` : row.split(",");
  }
  if (!only) return names;
  const ids = only.split(",");
  const idOf = (key: GoalKey): string => (GOALS[key] as Goal).id;
  const known = new Set(Object.values<Goal>(GOALS).map((g) => g.id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) return `no goal ${unknown}; goals: ${[...known].join(", ")}`;
  return names.filter((name) => ROWS[name]?.goals.some((key) => ids.includes(idOf(key))));
}

async function all(names: readonly string[], check: boolean): Promise<void> {
  const model = cpus()[0]?.model ?? "unknown processor";
  process.stdout.write(`node ${process.version}, ${availableParallelism()} cores, ${model}\n`);
  const figures: Figure[] = [];
  for (const name of names) {
    process.stdout.write(`\n${name}\n`);
    figures.push(...(await inProcess(name)));
  }
  process.stdout.write(`\n${tableOf(figures)}\n`);
  if (figures.some((f) => f.wrong !== undefined)) process.exitCode = 1;
  const measured = figures.flatMap((f) => (f.measured && f.wrong === undefined ? f.measured : []));
  if (!check) return writeResults(measured);
  const worse = regressions(await readResults(), measured);
  for (const line of worse) process.stdout.write(`worse: ${line}\n`);
  if (worse.length > 0) process.exitCode = 1;
}

const named = process.argv[2];
if (named !== undefined && named !== "--check") {
  const row = await ROWS[named]?.load();
  const figures = await row?.((line) => process.stdout.write(`  ${line}\n`));
  if (process.send) process.send(figures, () => process.exit(0));
  else process.stdout.write(`${tableOf(figures ?? [])}\n`);
} else {
  const names = asked(process.env);
  if (typeof names === "string") {
    process.stderr.write(`${names}\n`);
    process.exit(2);
  }
  await all(names, named === "--check");
}
