// Every layer as processes of its own on real servers: two collectors, two speed workers, two batch and two
// serving processes. What is asked equals a plain recount of what was sent, at once and after batch, also
// when a speed worker is killed; and everything ends in order.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Answer } from "@tandem/shared-logic";
import { freePorts, Installation } from "./installation.ts";

const installation = new Installation();
let [collectors, serving]: [number[], number[]] = [[], []];
let key = "";

before(async () => {
  const [a = 0, b = 0, c = 0, d = 0] = await freePorts(4);
  [collectors, serving] = [
    [a, b],
    [c, d],
  ];
  // Nine in a row, below what systems give to outgoing connections.
  const operationsPort = 20_000 + 10 * Math.floor((a % 10_000) / 10);
  const processes = { collectorPorts: collectors, servingPorts: serving, operationsPort };
  installation.configure({
    processes: { ...processes, speed: 2, batch: 2, archive: 1 },
    speed: { checkpointMs: 2000 },
  });
});
after(() => {
  installation.tandem(["processes", "stop"]);
  installation.remove();
});

const DAY = "2026-03-02";
interface Sent {
  readonly event_id: string;
  readonly properties: { readonly price: number };
}

function events(from: number, count: number): Sent[] {
  return Array.from({ length: count }, (_, i) => ({
    event_id: `e${from + i}`,
    event_type: "purchase",
    timestamp: `${DAY}T${String((from + i) % 24).padStart(2, "0")}:30:00Z`,
    user_id: `u${(from + i) % 97}`,
    properties: { price: ((from + i) % 1000) / 100 },
  }));
}

/** Each event to one collector, every tenth to the other one too. */
async function send(list: readonly Sent[]): Promise<void> {
  const halves = [0, 1].map((half) => list.filter((_, i) => i % 2 === half || i % 10 === 0));
  await Promise.all(
    halves.map(async (half, i) => {
      const sent = await fetch(`http://127.0.0.1:${collectors[i]}/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
        body: half.map((e) => JSON.stringify(e)).join("\n"),
      });
      const body = (await sent.json()) as { accepted: number };
      assert.deepEqual([sent.status, body.accepted], [202, half.length]);
    }),
  );
}

async function ask(metric: string, port: number | undefined): Promise<Answer> {
  const url = `http://127.0.0.1:${port}/metrics/${metric}?from=${DAY}&until=2026-03-03&grain=day`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  assert.equal(answer.status, 200);
  return (await answer.json()) as Answer;
}

const revenueOf = (list: readonly Sent[]): number =>
  list.reduce((cents, e) => cents + Math.round(e.properties.price * 100), 0) / 100;

/** Until both serving processes count all of them. */
async function visible(list: readonly Sent[], withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    const seen: unknown[] = [];
    for (const port of serving) {
      for (const metric of ["purchases", "revenue"])
        seen.push((await ask(metric, port)).points[0]?.value);
    }
    const [count, revenue] = [list.length, revenueOf(list)];
    if (seen.every((value, i) => value === (i % 2 === 0 ? count : revenue))) return;
    if (performance.now() > until) assert.deepEqual(seen, [count, revenue, count, revenue]);
    await pause(200);
  }
}

async function scrape(offset: number): Promise<string> {
  const { stdout } = { stdout: installation.tandem(["processes", "list"]).out };
  const ports = [...stdout.matchAll(/operations 127\.0\.0\.1:(\d+)/g)].map((m) => Number(m[1]));
  const answer = await fetch(`http://127.0.0.1:${ports.at(offset)}/metrics`);
  return answer.text();
}

test("processes on real servers count what was sent", async (t) => {
  const list = events(0, 3000);
  await t.test("nothing starts before setup, and setup may be repeated", () => {
    const early = installation.tandem(["keys", "list"]);
    assert.equal(early.code, 1);
    assert.match(early.err, /^tandem: .*cassandra\.keyspace.*\n$/);
    for (let i = 0; i < 2; i++) {
      const done = installation.tandem(["setup"]);
      assert.equal(done.code, 0, done.err);
      assert.match(done.out, /dataset events, 4 partitions/);
    }
    key = installation.tandem(["keys", "create", "--tenant", "shop"]).out.trim();
    assert.match(key, /^tdm_/);
  });
  await t.test("all start and are ready", () => {
    const started = installation.tandem(["processes", "start"]);
    assert.equal(started.code, 0, started.out + started.err);
    assert.equal(started.out.match(/ ready /g)?.length, 9);
  });
  await t.test(
    "both serving processes show what both collectors took, each event once",
    async () => {
      await send(list);
      await visible(list, 30_000);
    },
  );
  await t.test("a killed speed worker's partitions go on with the other one", async () => {
    const listed = installation.tandem(["processes", "list"]).out;
    const pid = Number(/speed-1 .*pid (\d+)/.exec(listed)?.[1]);
    process.kill(pid, "SIGKILL");
    const more = events(3000, 1000);
    await send(more);
    list.push(...more);
    await visible(list, 60_000);
    assert.equal(installation.tandem(["processes", "list"]).code, 3);
    const again = installation.tandem(["processes", "start"]);
    assert.equal(again.code, 0, again.out + again.err);
    assert.match(again.out, /speed-1 ready/);
  });
  await t.test("batch seals the day exactly", async () => {
    const batch = installation.tandem(["batch", "run"]);
    assert.equal(batch.code, 0, batch.err);
    for (const port of serving) {
      const [count, revenue] = [await ask("purchases", port), await ask("revenue", port)];
      assert.deepEqual(
        [count, revenue].map((a) => [a.points[0]?.value, a.points[0]?.exact, a.points[0]?.layer]),
        [
          [list.length, true, "batch"],
          [revenueOf(list), true, "batch"],
        ],
      );
    }
    const status = installation.tandem(["status"]);
    assert.equal(status.code, 0, status.out);
  });
  await t.test("operations ports tell it", async () => {
    assert.match(await scrape(-1), /^events_accepted_total \d{4}$/m);
    assert.match(await scrape(0), /^archive_lag_records\{partition="0"\} 0$/m);
  });
  await t.test("all end in order within ten seconds", () => {
    const stopped = installation.tandem(["processes", "stop"]);
    assert.equal(stopped.code, 0, stopped.out);
    const tookMs = [...stopped.out.matchAll(/stopped \((\d+) ms\)/g)].map((m) => Number(m[1]));
    t.diagnostic(`stopped within ${Math.max(...tookMs)} ms`);
    assert.equal(tookMs.length, 9, stopped.out);
    assert.ok(tookMs.every((ms) => ms < 10_000));
  });
});
