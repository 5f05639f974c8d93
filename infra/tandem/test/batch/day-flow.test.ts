// Days spread over a queue: the same runs as without one, also where the queue fails, forgets or gives up.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SqliteJobQueue, systemClock } from "@tandem/adapters/embedded";
import { parquetCodec } from "@tandem/adapters/parquet";
import { sha256Hex } from "@tandem/adapters/stack";
import { Batch, DayFlow, inlineTasks, type Task } from "@tandem/batch-layer";
import { type DayRow, type JobQueue, TandemError } from "@tandem/shared-logic";
import { load } from "../../src/commands/load.ts";
import { Tandem } from "../../src/tandem.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-day-flow-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const clock = systemClock();
const DAYS = ["2026-03-02", "2026-03-03", "2026-03-04"];

const lines = Array.from({ length: 600 }, (_, i) =>
  JSON.stringify({
    event_id: `e${i}`,
    event_type: i % 3 === 0 ? "purchase" : "view",
    timestamp: `${DAYS[i % 3]}T${String(i % 24).padStart(2, "0")}:00:00Z`,
    user_id: `u${i % 41}`,
    properties: { price: i / 4 },
  }),
).join("\n");

async function opened(name: string): Promise<Tandem> {
  const tandem = await Tandem.open({
    dataDir: join(folder, name),
    clock,
    threads: 0,
    partitions: 3,
  });
  async function* stdin() {
    yield new TextEncoder().encode(lines);
  }
  const io = { out: () => undefined, err: () => undefined, stdin: stdin(), cwd: folder };
  const { accepted } = await load(tandem, ["-"], "shop", io);
  assert.equal(accepted, 600);
  return tandem;
}

/** Runs and V of every day and metric. */
async function published(tandem: Tandem): Promise<unknown> {
  const rows = await tandem.ports.views.ledgerRows("day/events/");
  assert.equal(rows.length, DAYS.length);
  return rows.map((row) => (JSON.parse(row.value) as DayRow).entries);
}

const plain = await opened("plain");
await plain.runBatch();
const expected = await published(plain);
await plain.close();

interface Flowing {
  readonly tandem: Tandem;
  readonly tasks: string[];
  readonly errors: unknown[];
  run(): Promise<number>;
}

async function flowing(name: string, queue: JobQueue, works = true): Promise<Flowing> {
  const tandem = await opened(name);
  const tasks: string[] = [];
  const errors: unknown[] = [];
  const metrics = new Map(tandem.metrics.map((m) => [m.fingerprint, m]));
  const base = { ...tandem.ports, codec: parquetCodec, sha256: sha256Hex };
  const inline = inlineTasks(base, (fp) => metrics.get(fp));
  const ports = {
    ...base,
    tasks: (task: Task) => {
      tasks.push(task.task);
      return inline(task);
    },
  };
  const flow: DayFlow = new DayFlow({
    ...ports,
    queue,
    dataset: "events",
    metrics: tandem.metrics,
    archive: () => batch.archive(),
    onError: (error) => errors.push(error),
  });
  const batch: Batch = new Batch(
    { ...ports, sealDay: (...day) => flow.seal(...day), daysAtOnce: 2 },
    "events",
    tandem.metrics,
  );
  const stop = works ? await flow.work(2) : async () => undefined;
  return {
    tandem,
    tasks,
    errors,
    async run() {
      const outcome = await tandem.withArchive(() => batch.run());
      await stop();
      return outcome.sealed.filter((s) => s.published.state === "published").length;
    },
  };
}

const queueOf = (name: string): SqliteJobQueue =>
  new SqliteJobQueue(join(folder, `${name}.sqlite`), { clock });

test("a queue's workers publish the same runs, each unit worked on once", async () => {
  const queue = queueOf("spread");
  const { tandem, tasks, errors, run } = await flowing("spread", queue);
  const count = await run();
  assert.equal(count, DAYS.length * tandem.metrics.length);
  assert.deepEqual(await published(tandem), expected);
  assert.deepEqual(errors, []);
  assert.equal(tasks.filter((task) => task === "unit").length, DAYS.length * 3);
  await queue.close();
  await tandem.close();
});

test("a queue that does not answer: the planner does the days by itself", async () => {
  const down = () => Promise.reject(new TandemError("store_unavailable"));
  const queue = faulty("down", { add: down, state: down });
  const { tandem, errors, run } = await flowing("down", queue, false);
  assert.equal(await run(), DAYS.length * tandem.metrics.length);
  assert.deepEqual(await published(tandem), expected);
  assert.equal(errors.length, DAYS.length);
  await queue.close();
  await tandem.close();
});

test("a queue that forgets its jobs, and one whose jobs fail", async () => {
  for (const state of [undefined, "failed"] as const) {
    const queue = faulty(`lost-${state}`, { state: async () => state });
    const { tandem, run } = await flowing(`lost-${state}`, queue, false);
    assert.equal(await run(), DAYS.length * tandem.metrics.length);
    assert.deepEqual(await published(tandem), expected);
    await queue.close();
    await tandem.close();
  }
});

/** The embedded queue, of which some answers are not what they should be. */
function faulty(name: string, faults: Partial<JobQueue>): JobQueue {
  return Object.assign(queueOf(`${name}-faulty`), faults);
}
