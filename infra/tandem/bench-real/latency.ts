// From the 202 of an event to the first answer over HTTP that counts it, with collector, speed worker and
// serving as processes of their own on real servers: at half of the rate that they keep up with, and at
// 10,000 events/s, once servers have had that rate for a while: what the first seconds of new ones give is printed apart.
// Markers of one user are counted by polling; the pause between two polls is part of it.
import { setTimeout as pause } from "node:timers/promises";
import type { Figure, Row } from "../bench/figure.ts";
import { percentile } from "../bench/rounds.ts";
import { makeWorkload } from "../bench/workload.ts";
import { createKey, inInstallation } from "./bench-installation.ts";
import { bodiesOf, post, type Target, totalOf } from "./client.ts";
import { startLayers } from "./layer-process.ts";

const SECONDS = Number(process.env["SECONDS"] ?? 30);
const REQUESTS_A_SECOND = 50;
const MARKER_EVERY = 5;
const MOST_EVENTS = Number(process.env["EVENTS"] ?? 100_000);
const AT_ONCE = 4;
const POLL_MS = 40;
const LATE_MS = 30_000;
const GOAL_MS = 500;
const RATE = 10_000;

interface Places {
  readonly collector: Target;
  readonly serving: Target;
}

const range = (): Record<string, string> => ({
  from: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
  until: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
});

/** Events per second from the first request to the moment when all are shown. */
async function mostRate(
  { collector, serving }: Places,
  count: number,
  name: string,
): Promise<number> {
  const w = makeWorkload(count, 7);
  const bodies = [...bodiesOf(w, 500, name)];
  const before = await totalOf(serving, "events", range());
  const began = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop())
        await post(collector, body);
    }),
  );
  const end = performance.now() + LATE_MS;
  // A few may be suspected duplicates (at most 0.1 %), which are not in the value.
  const enough = before + (w.count - w.copies) * 0.999;
  while ((await totalOf(serving, "events", range())) < enough) {
    if (performance.now() > end) throw new Error("events of the fastest run are not shown");
    await pause(POLL_MS);
  }
  return w.count / ((performance.now() - began) / 1000);
}

interface Latencies {
  readonly sorted: readonly number[];
  readonly lost: number;
  /** Events per second that were really sent. */
  readonly rate: number;
}

async function latenciesAt(
  { collector, serving }: Places,
  rate: number,
  name: string,
): Promise<Latencies> {
  const each = Math.max(1, Math.round(rate / REQUESTS_A_SECOND));
  const bodies = [...bodiesOf(makeWorkload(each * REQUESTS_A_SECOND * SECONDS, 3), each, name)];
  const accepted: number[] = [];
  const seenAfter: number[] = [];
  let over = false;
  const began = performance.now();
  const poll = async (): Promise<void> => {
    const end = began + SECONDS * 1000 + LATE_MS;
    while (performance.now() < end && !(over && seenAfter.length === accepted.length)) {
      const query = { ...range(), where: `event_type=${name}` };
      const seen = await totalOf(serving, "events", query);
      const now = performance.now();
      // A marker may be visible before its 202 has come back: then it took no time.
      while (seenAfter.length < Math.min(seen, accepted.length))
        seenAfter.push(Math.max(0, now - accepted[seenAfter.length]!));
      await pause(POLL_MS);
    }
  };
  const polled = poll();
  const under: Promise<void>[] = [];
  for (const [r, body] of bodies.entries()) {
    await pause(Math.max(0, began + (r * 1000) / REQUESTS_A_SECOND - performance.now()));
    const marked = r % MARKER_EVERY === 0;
    const marker = `\n{"event_id":"${name}${r}","event_type":"${name}","timestamp":${Date.now()},"user_id":"m"}`;
    const sent = post(collector, marked ? body + marker : body).then(() => {
      if (marked) accepted.push(performance.now());
    });
    under.push(sent);
  }
  await Promise.all(under);
  const tookS = (performance.now() - began) / 1000;
  over = true;
  await polled;
  seenAfter.sort((a, b) => a - b);
  const sent = each * bodies.length;
  return { sorted: seenAfter, lost: accepted.length - seenAfter.length, rate: sent / tookS };
}

const percentilesOf = ({ sorted }: Latencies): string =>
  `p50 ${percentile(sorted, 0.5).toFixed(0)} ms, p99 ${percentile(sorted, 0.99).toFixed(0)} ms`;

export const latency: Row = (say) =>
  inInstallation({}, async (installation) => {
    const key = createKey(installation);
    const running = await startLayers(["speed", "serve", "collect"], installation.file);
    try {
      const place = (i: number): Target => ({
        url: /http:\/\/[\d.:]+/.exec(running[i]!.about)?.[0] ?? "",
        key,
      });
      const places = { serving: place(1), collector: place(2) };
      // The first events compile the code.
      await mostRate(places, MOST_EVENTS / 5, "warm");
      const most = await mostRate(places, MOST_EVENTS, "most");
      say(`${Math.round(most)} events/s from the first request until all are shown`);
      const first = await latenciesAt(places, RATE, "first");
      say(`servers' first ${SECONDS} s at 10,000 events/s: ${percentilesOf(first)}`);
      const figures: Figure[] = [];
      for (const [rate, name, goal] of [
        [most / 2, "half", false],
        [RATE, "full", true],
      ] as const) {
        const measured = await latenciesAt(places, rate, name);
        const { sorted, lost, rate: sent } = measured;
        const p99 = percentile(sorted, 0.99);
        const short = sent < rate * 0.9;
        figures.push({
          row: "latency",
          what: `accepted to visible at ${goal ? "10,000" : `half of the most, ${Math.round(rate)}`} events/s`,
          goal: goal ? `p99 < ${GOAL_MS} ms` : "",
          figure: `${percentilesOf(measured)} of ${sorted.length} markers${short ? `, at only ${Math.round(sent)} events/s` : ""}`,
          ...(goal ? { met: p99 < GOAL_MS && !short } : {}),
          ...(lost > 0 ? { wrong: `${lost} markers were never visible` } : {}),
        });
      }
      return figures;
    } finally {
      for (const one of running) await one.stop();
    }
  });
