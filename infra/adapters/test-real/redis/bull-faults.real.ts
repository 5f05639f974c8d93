// Redis gone, frozen, emptied and started anew; workers cut off and coming back: calls fail in bounded
// time and say so, nothing needs a restart, and a job is never run by two for longer than it takes to
// notice.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { TandemError } from "@tandem/shared-logic";
import { OwnRedis } from "./own-redis.ts";
import { environment, errorOf, pass, realRedis, until } from "./real-redis.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const redis = realRedis();
const own = await OwnRedis.start();
after(() => own.kill());
const job = (key: string) => ({ queue: "plan", key, data: null });

async function refusedInTime(call: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  const error = await errorOf(call());
  const tookMs = performance.now() - began;
  assert.ok(error instanceof TandemError && error.code === "queue_unavailable", `${error}`);
  assert.equal(error.retryable, true);
  assert.ok(tookMs < 2_400, `${tookMs} ms`);
}

test("with Redis gone or frozen calls are refused within 2 s; back again, all goes on", async () => {
  const proxy = await TcpProxy.to(environment("REDIS_URL"));
  const queue = await redis.open(redis.options({ url: proxy.url }));
  const done: string[] = [];
  await queue.process("plan", 1, async ({ key }) => void done.push(key));
  for (const [broken, what] of [
    [() => proxy.cut(), "cut"],
    [() => proxy.freeze(), "frozen"],
  ] as const) {
    broken();
    await Promise.all([
      refusedInTime(() => queue.add(job("k"))),
      refusedInTime(() => queue.schedule("s", 60_000, job("k"))),
      refusedInTime(() => queue.unschedule("s")),
      refusedInTime(() => queue.state("plan", "k")),
    ]);
    proxy.mend();
    await until(async () => (await queue.add(job(what)).catch(() => "")) !== "", `${what}: added`);
    await until(() => done.includes(what), `${what}: run`);
  }
  await queue.close();
  await proxy.close();
});

test("a short interruption is bridged, and a flow that was sent twice runs once", async () => {
  const proxy = await TcpProxy.to(environment("REDIS_URL"));
  const queue = await redis.open(redis.options({ url: proxy.url }));
  const done: string[] = [];
  for (let i = 0; i < 5; i++) {
    const adding = queue.add({ ...job(`day ${i}`), children: [job(`a ${i}`), job(`b ${i}`)] });
    await pass(i);
    proxy.cut();
    proxy.mend();
    assert.equal(await adding, "added");
  }
  await queue.process("plan", 2, async ({ key }) => void done.push(key));
  await until(() => done.filter((k) => k.startsWith("day")).length === 5, "all days");
  assert.equal(done.length, 15, done.join());
  assert.equal(new Set(done).size, 15);
  await queue.close();
  await proxy.close();
});

test("a worker frozen beyond its lock changes nothing when it thaws; its job ran elsewhere", async () => {
  const proxy = await TcpProxy.to(environment("REDIS_URL"));
  const options = redis.options();
  const frozen = await redis.open({ ...options, url: proxy.url });
  const other = await redis.open(options);
  let thaw = (): void => {};
  const thawed = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  const began: string[] = [];
  await frozen.process("plan", 1, async ({ attempt }) => {
    began.push(`frozen ${attempt}`);
    await thawed;
    throw new Error("too late");
  });
  await other.add({ ...job("k"), attempts: 1 });
  await until(() => began.length === 1, "the first try");
  proxy.freeze();
  await other.process("plan", 1, async ({ attempt }) => void began.push(`other ${attempt}`));
  await until(async () => (await other.state("plan", "k")) === "done", "done elsewhere");
  proxy.mend();
  thaw();
  await pass(300);
  assert.deepEqual(began, ["frozen 1", "other 2"]);
  assert.equal(await other.state("plan", "k"), "done");
  await Promise.all([frozen.close(), other.close()]);
  await proxy.close();
});

test("a job that kills its process every time fails in the end", async () => {
  const options = redis.options({ lockMs: 300 });
  let tries = 0;
  const owner = await redis.open(options);
  await owner.add(job("deadly"));
  for (let n = 1; n <= 3; n++) {
    const proxy = await TcpProxy.to(environment("REDIS_URL"));
    const queue = await redis.open({ ...options, url: proxy.url, drainMs: 0 });
    await queue.process("plan", 1, async () => {
      tries++;
      await proxy.close();
      await new Promise(() => {});
    });
    await until(() => tries === n, `try ${n}`);
  }
  await owner.process("plan", 1, async () => void tries++);
  await until(async () => (await owner.state("plan", "deadly")) === "failed", "given up");
  assert.equal(tries, 3);
  await owner.close();
});

test("an emptied Redis: schedules come again, what is added runs, nobody falls over", async () => {
  const problems: Error[] = [];
  const onProblem = (error: Error): void => void problems.push(error);
  const queue = await redis.open(redis.options({ url: own.url, reassertMs: 100, onProblem }));
  let ticks = 0;
  await queue.process("ticks", 1, async () => void ticks++);
  await queue.schedule("seal", 300, { ...job("tick"), queue: "ticks" });
  await queue.schedule("gone", 300, { ...job("gone"), queue: "ticks" });
  await queue.unschedule("gone");
  await until(() => ticks >= 1, "it ticks");
  for (const [empty, what] of [
    [() => flush(), "flushed"],
    [() => own.kill().then(() => own.start()), "started anew"],
  ] as const) {
    const release = await held(queue, `held ${what}`);
    await empty();
    release();
    const before = ticks;
    await until(() => ticks >= before + 2, `it ticks again, ${what}`);
    assert.equal(await queue.state("held", `held ${what}`), undefined);
    assert.equal(await queue.add(job(what)), "added");
    assert.equal(await queue.state("ticks", "gone"), undefined);
  }
  await queue.close();
});

async function flush(): Promise<void> {
  const { Redis } = await import("ioredis");
  const client = new Redis(own.url);
  await client.flushall();
  client.disconnect();
}

/** A job that is running until the returned function is called. */
async function held(
  queue: Awaited<ReturnType<typeof redis.open>>,
  key: string,
): Promise<() => void> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let running = false;
  const stop = await queue.process("held", 1, async () => {
    running = true;
    await released;
  });
  await queue.add({ ...job(key), queue: "held" });
  await until(() => running, "it runs");
  void stop();
  return release;
}

test("unscheduled by one process, not made anew by another that had it", async () => {
  const options = redis.options({ reassertMs: 50 });
  const [old, young] = await Promise.all([redis.open(options), redis.open(options)]);
  let ticks = 0;
  await old.schedule("seal", 200, { ...job("tick"), queue: "ticks" });
  await old.process("ticks", 1, async () => void ticks++);
  await until(() => ticks >= 1, "it ticks");
  await young.unschedule("seal");
  await pass(100);
  const before = ticks;
  await pass(700);
  assert.equal(ticks, before);
  await Promise.all([old.close(), young.close()]);
});

test("of many who add a key at once, with or without children, one does", async () => {
  const options = redis.options();
  const queues = await Promise.all([1, 2, 3].map(() => redis.open(options)));
  for (let round = 0; round < 20; round++) {
    const results = await Promise.all(
      Array.from({ length: 9 }, (_, i) => {
        const children = i % 2 === 0 ? [job(`child ${round}`)] : [];
        return queues[i % 3]?.add({ ...job(`k ${round}`), children });
      }),
    );
    assert.equal(results.filter((r) => r === "added").length, 1, results.join());
  }
  for (const queue of queues) await queue.close();
});

test("close waits for handlers, `drainMs` at most, also with Redis gone; its job runs elsewhere", async () => {
  const proxy = await TcpProxy.to(environment("REDIS_URL"));
  const options = redis.options({ drainMs: 300, commandMs: 300 });
  const queue = await redis.open({ ...options, url: proxy.url });
  let running = false;
  await queue.process("plan", 1, async () => {
    running = true;
    await new Promise(() => {});
  });
  await queue.add(job("endless"));
  await until(() => running, "it runs");
  proxy.cut();
  const began = performance.now();
  await queue.close();
  const tookMs = performance.now() - began;
  assert.ok(tookMs < 1_500, `${tookMs} ms`);
  assert.equal(((await errorOf(queue.add(job("k")))) as TandemError).code, "cancelled");
  const other = await redis.open(options);
  let attempt = 0;
  await other.process("plan", 1, async (j) => {
    attempt = j.attempt;
  });
  await until(() => attempt === 2, "it runs elsewhere");
  await other.close();
  await proxy.close();
});

test("what a handler threw is told to onThrow and does not go to Redis", async () => {
  const told: string[] = [];
  const options = redis.options({
    onThrow: ({ key }, error) => void told.push(`${key}: ${(error as Error).message}`),
  });
  const queue = await redis.open(options);
  await queue.process("plan", 1, async () => {
    throw new Error("user jane@example.com");
  });
  await queue.add({ ...job("k"), attempts: 1 });
  await until(async () => (await queue.state("plan", "k")) === "failed", "it fails");
  assert.deepEqual(told, ["k: user jane@example.com"]);
  let keys = 0;
  for await (const found of redis.client.scanStream({
    match: `${options.prefix}:*`,
    count: 1_000,
  })) {
    for (const key of found as string[]) {
      keys++;
      const dump = await redis.client.dumpBuffer(key);
      assert.ok(!dump?.includes("jane"), key);
    }
  }
  assert.ok(keys > 3, "nothing was looked at");
  await queue.close();
});
