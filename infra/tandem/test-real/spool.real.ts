// A collector process whose Kafka goes away: it answers 202 from its spool and is ready, also after kill -9 and a
// start without Kafka; once Kafka is back everything is in the log. Without a spool it is 503. For the
// collector, Kafka goes away by a start with an address where nobody answers.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePorts, Installation } from "./installation.ts";

const MAIN = fileURLToPath(new URL("../../../ingest/main.ts", import.meta.url));
const installation = new Installation();
let [port, operations, nowhere] = [0, 0, 0];
let [key, awayFile, plainFile] = ["", "", ""];
let running: ChildProcess | undefined;
let lines = "";

before(async () => {
  [port = 0, operations = 0, nowhere = 0] = await freePorts(3);
  const own = { collector: { port }, operations: { port: operations } };
  installation.configure(own);
  const away = { ...own, kafka: { brokers: [`127.0.0.1:${nowhere}`] } };
  awayFile = installation.variant(away);
  plainFile = installation.variant({ ...away, spool: { enabled: false } });
  const done = installation.tandem(["setup"]);
  assert.equal(done.code, 0, done.err);
  key = installation.tandem(["keys", "create", "--tenant", "shop"]).out.trim();
});
after(() => {
  running?.kill("SIGKILL");
  installation.remove();
});

async function start(file: string): Promise<void> {
  lines = "";
  const child = spawn(process.execPath, [MAIN, "collect", "--config", file]);
  running = child;
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      lines += chunk.toString();
    });
  while (!lines.includes(" ready: ")) {
    assert.equal(child.exitCode, null, lines);
    await pause(50);
  }
}

async function end(signal: "SIGTERM" | "SIGKILL"): Promise<number> {
  const began = performance.now();
  assert.ok(running);
  const ended = once(running, "exit");
  running.kill(signal);
  const [code] = await ended;
  if (signal === "SIGTERM") assert.equal(code, 0, lines);
  return performance.now() - began;
}

/** Status and time of the answer. */
async function send(from: number, count: number): Promise<readonly [number, number]> {
  const began = performance.now();
  const list = Array.from({ length: count }, (_, i) => ({
    event_id: `e${from + i}`,
    event_type: "purchase",
    timestamp: new Date().toISOString(),
    user_id: `u${(from + i) % 97}`,
  }));
  const answer = await fetch(`http://127.0.0.1:${port}/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(list),
  });
  await answer.text();
  return [answer.status, performance.now() - began];
}

const operationsPage = async (path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${operations}${path}`);

async function waiting(): Promise<number> {
  const text = await (await operationsPage("/metrics")).text();
  return Number(/^spool_records (\d+)$/m.exec(text)?.[1]);
}

test("a collector without Kafka takes events to its spool, and they follow to Kafka", async (t) => {
  await t.test("the first start must see Kafka", async () => {
    const refused = await installation.layer("ingest/main.ts", ["collect"], awayFile);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /kafka\.brokers/);
  });
  await t.test("with Kafka nothing waits", async () => {
    await start(installation.file);
    assert.equal((await send(0, 100))[0], 202);
    assert.equal(await waiting(), 0);
    t.diagnostic(`ended in ${Math.round(await end("SIGTERM"))} ms`);
  });
  await t.test("without Kafka it starts, is ready and answers in time", async () => {
    await start(awayFile);
    for (let i = 1; i < 10; i++) {
      const [status, tookMs] = await send(100 * i, 100);
      assert.equal(status, 202);
      assert.ok(tookMs < 2500, `${tookMs} ms`);
    }
    assert.equal((await operationsPage("/readyz")).status, 200);
    assert.equal(await waiting(), 900);
  });
  await t.test("kill -9 and SIGTERM leave it where it is", async () => {
    await end("SIGKILL");
    await start(awayFile);
    assert.equal(await waiting(), 900);
    t.diagnostic(`ended in ${Math.round(await end("SIGTERM"))} ms with events waiting`);
  });
  await t.test("without a spool there is no start, and nothing is lost of it", async () => {
    const refused = await installation.layer("ingest/main.ts", ["collect"], plainFile);
    assert.equal(refused.code, 1);
  });
  await t.test("with Kafka back, everything is in the log", async () => {
    await start(installation.file);
    const until = performance.now() + 20_000;
    while ((await waiting()) > 0) {
      assert.ok(performance.now() < until, lines);
      await pause(50);
    }
    const status = installation.tandem(["status"]);
    const ends = [...status.out.matchAll(/ log 0\.\.(\d+)/g)].map((m) => Number(m[1]));
    assert.ok(ends.reduce((sum, n) => sum + n, 0) >= 1000, status.out);
    assert.equal((await send(1000, 10))[0], 202);
    await end("SIGTERM");
  });
});
