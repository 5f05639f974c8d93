// Batch and DuckDB give the same numbers: every metric that comes with Tandem, and every reducer with parameters of
// its own, over the archive of generated events, in all windows and groups.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "@tandem/adapters/embedded";
import { loadMetrics } from "@tandem/adapters/stack";
import { COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import {
  describeMetric,
  type EpochMs,
  type Grain,
  type Metric,
  readyMetrics,
  seededRandom,
} from "@tandem/shared-logic";
import { openSqlOracle, type SqlOracle } from "../../check-data/sql-oracle.ts";
import { openOrAsk } from "../../src/commands/access.ts";
import { runProgram } from "../../src/commands/program.ts";
import { AGGREGATE_KINDS } from "../../src/sql/aggregate.ts";
import { metricSql } from "../../src/sql/metric-sql.ts";
import { SHAPE_KINDS } from "../../src/sql/per-user.ts";
import { isSpec, textOf } from "../../src/sql/spec.ts";
import { Tandem } from "../../src/tandem.ts";
import { generatedLines } from "./generated-events.ts";

const FROM = Date.UTC(2026, 0, 30) as EpochMs;
const DAYS = 3;
const RANGE = { from: "2026-01-30T00:00:00Z", until: "2026-02-03T00:00:00Z" };
const METRICS = fileURLToPath(new URL("./metrics/", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "tandem-sql-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const ready = join(folder, "ready");
mkdirSync(ready);
writeFileSync(
  join(ready, "ready.ts"),
  `import { readyMetric } from "@tandem/shared-logic";\n${readyMetrics.map(({ name }) => `export const ${name} = readyMetric("${name}");`).join("\n")}\n`,
);

async function sealed(dataDir: string, seed: number): Promise<Tandem> {
  const clock = systemClock();
  const tandem = await Tandem.open({
    dataDir,
    clock,
    metricFolders: [METRICS, ready],
    partitions: 1,
    threads: 0,
  });
  const acceptor = createAcceptor({
    ...tandem.ports,
    dataset: tandem.dataset.dataset,
    limits: COLLECTOR_LIMITS,
    counters: collectorCounters(),
  });
  const lines = generatedLines(seededRandom(seed), {
    from: FROM,
    days: DAYS,
    events: 240,
    users: 12,
  });
  for (const tenant of ["shop", "other"]) {
    const own = lines.filter((line) => line.tenant === tenant).map(({ json }) => json);
    const body = Buffer.from(own.join("\n"));
    const result = await acceptor.accept({ body, tenant, mode: "import" });
    assert.equal(result?.accepted, own.length, JSON.stringify(result));
  }
  await tandem.runBatch({ includeOpen: true });
  return tandem;
}

const SPANS: readonly Grain[] = ["week", "month", "total"];

interface Asked {
  readonly grain: Grain;
  readonly by: readonly string[];
}

/** Days or another grain, in turn; which one and by what differs between metrics and, for each, between seeds. */
function questionOf(m: Metric, nth: number): Asked {
  const grains: readonly Grain[] = m.reducer.grains[0] === "day" ? SPANS : ["hour", ...SPANS];
  const set = (n: number): readonly string[] => m.sets[n % m.sets.length] ?? [];
  const grain = nth % 2 === 0 ? "day" : grains[(nth >> 1) % grains.length];
  return { grain: grain ?? "week", by: set(nth >> 1) };
}

/** What the command prints is SQL as it stands: over the files, for every tenant where none is named. */
async function printed(dataDir: string, oracle: SqlOracle, tandem: Tandem): Promise<void> {
  const typed = ["metrics", "sql", "revenue", "--by", "properties.country", "--grain", "week"];
  const { code, text } = await run([...typed, "--from", "2026-01-30", "--data", dataDir]);
  assert.equal(code, 0, text);
  assert.match(text, /^-- revenue@1: Revenue \(currency\)\n/);
  const rows = await oracle.rows(text);
  for (const tenant of ["shop", "other"]) {
    const params = { ...RANGE, grain: "week", by: "properties.country" };
    const result = await tandem.queries.query(params, "revenue", tenant);
    assert.ok(result.ok);
    const said = rows.filter((row) => row["tenant"] === tenant && Number(row["value"]) !== 0);
    const points = result.answer.points.filter(({ value }) => Number(value) !== 0);
    assert.deepEqual(
      said.map((row) => Number(row["value"])).sort(),
      points.map(({ value }) => Number(value)).sort(),
    );
  }
}

async function run(argv: readonly string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const say = (t: string): void => {
    text += t;
  };
  const code = await runProgram(argv, {
    io: { out: say, err: say, stdin: Readable.from([]), cwd: folder },
    access: openOrAsk,
    version: "0",
    description: "",
    mayRun: false,
  });
  return { code, text };
}

test("what has no SQL, no such grouping set or no such moment is said", async () => {
  const odd = `import { count, metric } from "@tandem/shared-logic";
export const m = metric({ name: "odd", title: "o", unit: "events", version: 1, examples: [],
  reducer: { ...count(), spec: { kind: "mine" } } });`;
  const own = join(folder, "own");
  mkdirSync(own);
  writeFileSync(join(own, "odd.ts"), odd);
  const refused: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
    [["odd", "--metrics", own], /there is no SQL for odd: its reducer is mine/],
    [["nothing"], /no metric nothing/],
    [["revenue", "--by", "event_type"], /not kept by event_type, but by context.platform or/],
    [["revenue", "--from", "noon"], /--from noon is no moment/],
    [["revenue", "--grain", "year"], /Allowed choices are minute/],
  ];
  for (const [argv, says] of refused) {
    const { code, text } = await run(["metrics", "sql", ...argv]);
    assert.notEqual(code, 0);
    assert.match(text, says);
  }
});

test("every kind of reducer that there is has SQL, and is among those that are tested", async () => {
  const sources = new URL("../../../../shared-logic/src/reducers/", import.meta.url);
  const there = new Set(["min", "max"]);
  // How a shape's occurrences are shown, and no reducer.
  for (const file of readdirSync(sources).filter((name) => name.endsWith(".ts")))
    for (const [, kind = ""] of readFileSync(new URL(file, sources), "utf8").matchAll(
      /\bkind: "(\w+)"/g,
    ))
      if (kind !== "total") there.add(kind);
  const tested = new Set<string>();
  for (const m of await loadMetrics([METRICS, ready])) {
    const { kind, shape } = m.reducer.spec;
    tested.add(kind);
    if (isSpec(shape)) tested.add(textOf(shape, "kind"));
    const asked = { archive: "archive", grain: "day", by: [] } as const;
    assert.equal(metricSql(describeMetric(m), asked).ok, true, m.name);
  }
  assert.deepEqual(
    [...there].filter((kind) => !tested.has(kind)),
    [],
  );
  assert.deepEqual([...AGGREGATE_KINDS, ...SHAPE_KINDS, "perUser"].sort(), [...tested].sort());
});

/** Other seeds ask other questions of other events: SQL_SEED=2. */
for (const seed of [Number(process.env["SQL_SEED"] ?? 1)]) {
  test(`every metric is what its SQL says (seed ${seed})`, async (t) => {
    const dataDir = join(folder, String(seed));
    const tandem = await sealed(dataDir, seed);
    const oracle = await openSqlOracle(join(dataDir, "objects/archive/*/*/*.parquet"));
    try {
      const all: string[] = [];
      let [points, exact] = [0, 0];
      for (const [nth, metric] of tandem.metrics.entries()) {
        const { grain, by } = questionOf(metric, nth + seed);
        const judge = await oracle.ask(metric, { ...RANGE, grain, by });
        for (const tenant of ["shop", "other"]) {
          const params = { ...RANGE, grain, ...(by.length > 0 ? { by: by.join(",") } : {}) };
          const result = await tandem.queries.query(params, metric.name, tenant);
          assert.ok(result.ok, JSON.stringify(result));
          const verdict = judge(tenant, result.answer);
          points += verdict.points;
          exact += verdict.exact;
          const words = `${metric.name} ${grain} by [${by.join(",")}] of ${tenant}`;
          all.push(...verdict.differences.slice(0, 3).map((d) => `${words}: ${d}`));
        }
      }
      assert.ok(exact > 0.95 * points, `${exact} of ${points} points exact`);
      await printed(dataDir, oracle, tandem);
      t.diagnostic(`${exact} of ${points} points exact`);
      assert.equal(all.length, 0, all.slice(0, 100).join("\n"));
    } finally {
      oracle.close();
      await tandem.close();
    }
  });
}
