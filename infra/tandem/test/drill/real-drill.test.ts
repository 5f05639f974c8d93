// The real drill's client and its checks, against servers that do wrong: each wrong is seen.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Answer, AnswerPoint } from "@tandem/shared-logic";
import { compareBatch, compareSpeed } from "../../drill/real/compare.ts";
import { drillEvent } from "../../drill/real/drill-events.ts";
import { LoadClient } from "../../drill/real/load-client.ts";
import { plainSessions, plainValue } from "../parity/plain-oracle.ts";

const NOON = Date.parse("2026-03-02T12:00:00Z");
const servers: ReturnType<typeof createServer>[] = [];
after(() => {
  for (const server of servers) server.close();
});

async function collector(handle: RequestListener): Promise<number> {
  const server = createServer(handle);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function load(handle: RequestListener) {
  const ports = [await collector(handle)];
  const o = { ports, key: "k", tenant: "shop", seed: 1, baseMs: NOON, eventsPerSecond: 2000 };
  const client = new LoadClient(o);
  client.start();
  while (client.events.length < 200) await pause(5);
  return client;
}

test("the client sends again until it is acknowledged, the same id and bytes", async () => {
  const seen = new Map<string, number>();
  let requests = 0;
  const client = await load(async (req, res) => {
    let body = "";
    for await (const chunk of req) body += String(chunk);
    const lines = body.split("\n");
    for (const line of lines) seen.set(line, (seen.get(line) ?? 0) + 1);
    const turn = requests++ % 4;
    if (turn === 0) req.socket.destroy();
    else if (turn === 1) res.writeHead(503, { "retry-after": "1" }).end();
    else res.writeHead(202).end(JSON.stringify({ accepted: lines.length }));
  });
  assert.ok(await client.settle(20_000));
  assert.equal(client.acknowledged, client.events.length);
  assert.equal(seen.size, client.events.length);
  assert.ok([...seen.values()].some((times) => times > 1));
  assert.deepEqual(client.times.problems, []);
  assert.ok(client.times.of("503") > 0 && client.times.of("away") > 0);
});

test("answers that a collector should not give are problems", async () => {
  let requests = 0;
  const client = await load((req, res) => {
    req.resume();
    const turn = requests++ % 3;
    if (turn === 0) res.writeHead(503).end();
    else if (turn === 1) res.writeHead(500).end("oops");
    else res.writeHead(202).end(JSON.stringify({ accepted: 0 }));
  });
  await client.settle(20_000);
  assert.deepEqual(client.times.problems.sort(), [
    '202 with {"accepted":0}',
    "500: oops",
    "503 without Retry-After",
  ]);
});

const events = Array.from(
  { length: 300 },
  (_, n) => drillEvent(1, NOON + 6 * 3_600_000, n, "shop").plain,
);
const [from, until] = ["2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"];

/** A truthful answer for the day, with some of it changed. */
function answered(change: Partial<AnswerPoint>, more: Partial<Answer> = {}) {
  return async (metric: string, by?: string): Promise<Answer> => {
    const point = (platform?: string): AnswerPoint => {
      const dim = platform === undefined ? undefined : "context.platform";
      const window = [Date.parse(from ?? ""), Date.parse(until ?? "")] as const;
      const sessions = plainSessions(events);
      const value = plainValue(metric, events, sessions, ...window, dim, platform);
      return {
        from: from ?? "",
        until: until ?? "",
        ...(platform === undefined ? {} : { by: { "context.platform": platform } }),
        value,
        low: value,
        high: value,
        exact: true,
        layer: "batch",
        ...change,
      };
    };
    const points = by ? [point("web"), point("ios")] : [point()];
    return {
      points,
      missing: [],
      degraded: [],
      suspected: 0,
      unchecked: 0,
      ...more,
    } as unknown as Answer;
  };
}

test("a number, its layer or its exactness that is wrong is found", async () => {
  assert.deepEqual(await compareBatch(answered({}), events), { values: 24, wrong: [] });
  for (const change of [{ value: 7 }, { exact: false }, { layer: "both" as const }])
    assert.equal((await compareBatch(answered(change), events)).wrong.length, 24);
  assert.equal((await compareBatch(async () => undefined, events)).wrong.length, 16);
});

test("the speed layer's numbers are held to their interval, and to the number without doubt", async () => {
  assert.deepEqual(await compareSpeed(answered({}), events), []);
  assert.equal((await compareSpeed(answered({ value: 1 }), events)).length, 3);
  assert.deepEqual(await compareSpeed(answered({ value: 1 }, { suspected: 2 }), events), []);
  assert.equal((await compareSpeed(answered({ high: 0 }, { suspected: 2 }), events)).length, 3);
  const late = { degraded: ["stale_since:2026-03-02T00:00:00Z"] };
  assert.equal((await compareSpeed(answered({}, late), events)).length, 3);
  const gap = { missing: [{ from: "", until: "", why: "lag" }] };
  assert.equal((await compareSpeed(answered({}, gap), events)).length, 3);
});
