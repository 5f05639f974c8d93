// `make check-data DATA=DIR`: proves Tandem on real event sets with reference answers. DIR, or each folder of
// it, holds events.ndjson.gz and reference/*.csv. Batch must give every figure, those of the set's own funnels and
// cohorts among them, and what DuckDB computes from the archive by each metric's SQL; speed alone must give additive
// figures exactly and keep the others within their claimed intervals. With `--stack real` the same is asked
// of processes on real servers, and every point must be the embedded one. Exit code 1 where it is not so.
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadMetrics } from "@tandem/adapters/stack";
import { type Asker, askerOf } from "./ask.ts";
import { checkBatch } from "./check-batch.ts";
import { checkOwn } from "./check-own.ts";
import { checkSpeed } from "./check-speed.ts";
import { checkSql } from "./check-sql.ts";
import { openEmbedded } from "./embedded-system.ts";
import { anyFailed, say } from "./outcome.ts";
import { SAMPLES, writeOwnMetrics } from "./own-metrics.ts";
import { comparePoints, type Points, pointsOf, writePoints } from "./points.ts";
import { openReal } from "./real-system.ts";
import { expectationsOf, rangeOf } from "./reference.ts";
import type { OpenSystem } from "./system.ts";

const EVENTS = "events.ndjson.gz";
const SYSTEMS: Readonly<Record<string, OpenSystem>> = { embedded: openEmbedded, real: openReal };
const PARTS = {
  batch: { metricFolders: [], check: checkBatch },
  speed: {
    metricFolders: [fileURLToPath(new URL("./metrics/", import.meta.url))],
    check: checkSpeed,
  },
} as const;
const POINTS = fileURLToPath(new URL("./dist/", import.meta.url));

/** Beside what the reference tables ask for: every metric and grouping set, day by day. */
async function askAll({ ask }: Asker, metricFolders: readonly string[]): Promise<void> {
  for (const { name, by } of await loadMetrics(metricFolders)) {
    for (const set of [[], ...by]) await ask({ metric: name, grain: "day", by: set });
  }
}

async function checkPart(folder: string, part: keyof typeof PARTS, stack: string): Promise<Points> {
  const name = `${basename(folder)}${stack === "real" ? " real" : ""}`;
  const { metricFolders: checked, check } = PARTS[part];
  const own = await mkdtemp(join(tmpdir(), "tandem-own-metrics-"));
  const figures = writeOwnMetrics(folder, own, SAMPLES[part]);
  const metricFolders = [...checked, ...(figures.length > 0 ? [own] : [])];
  const range = rangeOf(folder);
  const began = performance.now();
  const system = await SYSTEMS[stack]!({ metricFolders });
  try {
    say(`${name}: ${await system.load(join(folder, EVENTS))}`);
    if (part === "batch") say(`${name}: ${await system.seal(range)}`);
    const asker = askerOf(system, range);
    await check(name, expectationsOf(folder), asker);
    await checkOwn(name, part, figures, asker);
    await askAll(asker, metricFolders);
    if (part === "batch" && system.archiveFiles !== undefined)
      await checkSql(name, system.archiveFiles, range, await loadMetrics(metricFolders), asker);
    const points = await pointsOf(asker.asked);
    const file = join(POINTS, `${basename(folder)}.${part}.${stack}.ndjson`);
    await writePoints(file, points);
    say(`${name}: points in ${file} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    return points;
  } finally {
    await system.close();
    await rm(own, { recursive: true, force: true });
  }
}

async function checkFolder(folder: string, stack: string): Promise<void> {
  for (const part of ["batch", "speed"] as const) {
    const embedded = await checkPart(folder, part, "embedded");
    if (stack === "embedded") continue;
    comparePoints(`${basename(folder)} ${part}`, embedded, await checkPart(folder, part, stack));
  }
}

const { values, positionals } = parseArgs({
  options: { stack: { type: "string", default: "embedded" } },
  allowPositionals: true,
});
const [data] = positionals;
if (data === undefined || !existsSync(data) || !(values.stack in SYSTEMS)) {
  process.stderr.write(
    `usage: make check-data DATA=DIR [STACK=real]; DIR holds folders with ${EVENTS} and reference/\n`,
  );
  process.exit(2);
}
// The installations that are checked are its own, whatever the environment says of another one.
for (const name of Object.keys(process.env))
  if (name.startsWith("TANDEM_")) delete process.env[name];
const folders = [data, ...(await readdir(data)).sort().map((name) => join(data, name))];
const sets = folders.filter((folder) => existsSync(join(folder, EVENTS)));
if (sets.length === 0) say(`no folder of ${data} holds ${EVENTS}`);
for (const folder of sets) await checkFolder(resolve(folder), values.stack);
process.exit(anyFailed() || sets.length === 0 ? 1 : 0);
