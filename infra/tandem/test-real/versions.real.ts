// A second version of a metric on real servers: its file is put beside the first, the processes are started again, the
// batch process is killed on the way, and whoever asks for the bare name gets version 1 and then, for good, version 2.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Answer } from "@tandem/shared-logic";
import { freePorts, Installation } from "./installation.ts";

const installation = new Installation();
const folder = join(installation.folder, "metrics");
mkdirSync(folder);
after(() => {
  installation.tandem(["processes", "stop"]);
  installation.remove();
});

const file = (version: number, types: string): void =>
  writeFileSync(
    join(folder, `orders-${version}.ts`),
    `import { count, eventType, metric } from "@tandem/shared-logic";
export const orders = metric({
  name: "orders", title: "Orders", unit: "events", version: ${version},
  where: eventType(${types}), reducer: count(), by: [["properties.country"]], examples: [],
});
`,
  );

const now = Date.now();
const dayAt = (days: number): string =>
  new Date(now + days * 86_400_000).toISOString().slice(0, 10);
const DAYS = [dayAt(-2), dayAt(-1)];
const [today, UNTIL] = [dayAt(0), dayAt(1)];
const PER_DAY = 200;

/** One in fifty is an order by the newer meaning alone. */
const events = [...DAYS, today].flatMap((day) =>
  Array.from({ length: PER_DAY }, (_, i) => ({
    event_id: `${day}-${i}`,
    event_type: i % 50 === 0 ? "order" : "purchase",
    timestamp: `${day}T00:00:00Z`,
    user_id: `u${i % 37}`,
    properties: { country: ["DE", "TR"][i % 2] },
  })),
);
const OF_VERSION = [0, (events.length * 49) / 50, events.length];

test("the name goes from version 1 to 2 once, while processes are restarted and killed", async (t) => {
  const [collector = 0, serving = 0] = await freePorts(2);
  const operationsPort = 20_000 + 10 * Math.floor((collector % 10_000) / 10);
  const ports = { collectorPorts: [collector], servingPorts: [serving], operationsPort };
  const changes = {
    metricFolders: [folder],
    processes: { ...ports, speed: 1, batch: 1, archive: 1 },
    batch: { everyMs: 1000, threads: 0 },
  };
  installation.configure(changes);
  file(1, '"purchase"');
  const run = (...args: string[]): string => {
    const ran = installation.tandem(args);
    assert.equal(ran.code, 0, ran.out + ran.err);
    return ran.out;
  };
  run("setup");
  const key = run("keys", "create", "--tenant", "shop").trim();
  const headers = { authorization: `Bearer ${key}` };
  run("processes", "start");
  const sent = await fetch(`http://127.0.0.1:${collector}/events`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/x-ndjson" },
    body: events.map((e) => JSON.stringify(e)).join("\n"),
  });
  assert.equal(sent.status, 202);

  async function ask(name: string): Promise<Answer | undefined> {
    const range = `from=${DAYS[0]}&until=${UNTIL}&grain=total`;
    const answer = await fetch(`http://127.0.0.1:${serving}/metrics/${name}?${range}`, {
      headers,
    }).catch(() => undefined);
    return answer?.status === 200 ? ((await answer.json()) as Answer) : undefined;
  }
  const seen: number[] = [];
  /** What answers to the name is whole, of the version that it names. */
  async function until(version: number, withinMs: number): Promise<void> {
    for (const end = performance.now() + withinMs; ; await pause(100)) {
      const answer = await ask("orders");
      const value = answer?.points[0]?.value;
      // Before the first version has counted all there is nothing to compare.
      if (answer && (seen.length > 0 || value === OF_VERSION[1])) {
        assert.deepEqual([value, answer.missing], [OF_VERSION[answer.version], []]);
        seen.push(answer.version);
      }
      if (seen.at(-1) === version) return;
      assert.ok(
        performance.now() < end,
        `version ${version} does not answer: ${JSON.stringify(answer)}`,
      );
    }
  }
  await until(1, 60_000);
  run("batch", "run");

  file(2, '"purchase", "order"');
  run("processes", "stop");
  run("processes", "start");
  const pid = Number(/batch\S* .*pid (\d+)/.exec(run("processes", "list"))?.[1]);
  process.kill(pid, "SIGKILL");
  assert.equal((await ask("orders"))?.metric, "orders");
  run("processes", "start");
  await until(2, 90_000);
  for (let i = 0; i < 20; i++) await until(2, 1000);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  t.diagnostic(
    `${seen.filter((v) => v === 1).length} answers of version 1, then ${seen.filter((v) => v === 2).length} of 2`,
  );
  assert.equal((await ask("orders@1"))?.points[0]?.value, OF_VERSION[1]);

  const diff = installation.tandem([
    "diff",
    "orders@1",
    "orders@2",
    "--tenant",
    "shop",
    "--format",
    "json",
  ]);
  assert.equal(diff.code, 3, diff.err);
  const found = JSON.parse(diff.out);
  assert.deepEqual([found.days_differing.slice(0, 2), found.events.minimal], [DAYS, true]);
  assert.deepEqual(
    found.events.events.map((e: string) => JSON.parse(e).event_type),
    ["order"],
  );
  run("metrics", "retire", "orders@1");
  run("processes", "stop");
});
