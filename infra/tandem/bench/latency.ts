// How long an accepted event (202 received) takes until a query shows it: 5,000 events/s on all layers in
// one process with the default catalogue, a batch run of a loaded day going on meanwhile. Markers of one
// user are counted by polling the HTTP API; the time between two polls is part of the figure.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DAY_MS } from "@tandem/shared-logic";
import type { Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import { makeWorkload, START_MS, type Workload } from "./workload.ts";

const SECONDS = 20;
const REQUESTS_A_SECOND = 50;
const EVENTS_A_REQUEST = 100;
const LOADED_EVENTS = 100_000;
const MARKER_EVERY = 10;
const POLL_MS = 10;
const GOAL_MS = 500;

interface Target {
  readonly url: string;
  readonly key: string;
}

/** Events [from, from + count) of the workload as one body, moved by `shiftMs`. */
function bodyOf(w: Workload, from: number, count: number, shiftMs: number): string {
  const lines: string[] = [];
  for (let i = from; i < from + count; i++) {
    const at = i % w.count;
    const line = Buffer.from(w.bytes.subarray(w.starts[at]!, w.ends[at]!)).toString("latin1");
    const time = new Date(w.arrivalMs[at]! + shiftMs).toISOString();
    const fresh = line.replace(/"timestamp":"[^"]*"/, `"timestamp":"${time}"`);
    // An id of its own, where the workload is gone through again.
    lines.push(fresh.replace('"event_id":"', `"event_id":"${from}-`));
  }
  return lines.join("\n");
}

async function post({ url, key }: Target, body: string): Promise<void> {
  const headers = { "content-type": "application/x-ndjson", authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/events`, { method: "POST", headers, body });
  const text = await response.text();
  if (response.status !== 202) throw new RangeError(`${response.status}: ${text}`);
}

async function markersSeen({ url, key }: Target, from: string, until: string): Promise<number> {
  const query = new URLSearchParams({ from, until, grain: "day" });
  query.set("where", "event_type=marker");
  const response = await fetch(`${url}/metrics/events?${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const answer = (await response.json()) as { points?: { value: number | string | null }[] };
  if (!answer.points) throw new RangeError(JSON.stringify(answer));
  return answer.points.reduce((sum, p) => sum + Number(p.value ?? 0), 0);
}

const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;

export const latency: Row = (say) =>
  inFolder(async (folder) => {
    const child = fork(join(import.meta.dirname, "latency-server.ts"), [join(folder, "data")], {
      execArgv: ["--no-warnings"],
    });
    const [target] = (await once(child, "message")) as [Target];
    const w = makeWorkload(LOADED_EVENTS);
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    for (let i = 0; i < LOADED_EVENTS; i += 500) {
      await post(target, bodyOf(w, i, 500, today - DAY_MS - START_MS));
    }
    child.send("reset");
    await once(child, "message");
    let batchRuns = 0;
    let over = false;
    const runBatches = async (): Promise<void> => {
      while (!over) {
        child.send("batch");
        await once(child, "message");
        batchRuns++;
      }
    };
    const accepted: number[] = [];
    const latencies: number[] = [];
    const [from, until] = [today - DAY_MS, today + 2 * DAY_MS].map((ms) =>
      new Date(ms).toISOString(),
    );
    const began = performance.now();
    let sent = 0;
    const poll = async (): Promise<void> => {
      const lateMs = 10_000;
      const end = began + SECONDS * 1000 + lateMs;
      while (performance.now() < end && !(over && latencies.length === accepted.length)) {
        const seen = await markersSeen(target, from!, until!);
        const now = performance.now();
        // A marker may be visible before its 202 has come back: then it took no time.
        while (latencies.length < Math.min(seen, accepted.length)) {
          latencies.push(Math.max(0, now - accepted[latencies.length]!));
        }
        await pause(POLL_MS);
      }
    };
    const send = async (): Promise<void> => {
      const under: Promise<void>[] = [];
      for (let r = 0; r < SECONDS * REQUESTS_A_SECOND; r++) {
        const dueMs = began + (r * 1000) / REQUESTS_A_SECOND;
        await pause(Math.max(0, dueMs - performance.now()));
        let body = bodyOf(w, LOADED_EVENTS * 2 + sent, EVENTS_A_REQUEST, 0).replace(
          /"timestamp":"[^"]*"/g,
          `"timestamp":${Date.now()}`,
        );
        sent += EVENTS_A_REQUEST;
        const marked = r % MARKER_EVERY === 0;
        if (marked) {
          body += `\n{"event_id":"m${r}","event_type":"marker","timestamp":${Date.now()},"user_id":"m"}`;
        }
        const done = post(target, body).then(() => {
          if (marked) accepted.push(performance.now());
        });
        under.push(done);
      }
      await Promise.all(under);
    };
    const batches = runBatches();
    const polled = poll();
    await send();
    const tookS = (performance.now() - began) / 1000;
    over = true;
    await polled;
    await batches;
    child.send("loop");
    const [loop] = (await once(child, "message")) as [{ p99Ms: number; maxMs: number }];
    child.kill();
    await once(child, "exit");
    latencies.sort((a, b) => a - b);
    const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
    say(
      `${sent} events in ${tookS.toFixed(1)} s, ${latencies.length} markers, ${batchRuns} batch runs; event loop delay p99 ${loop.p99Ms.toFixed(0)} ms, max ${loop.maxMs.toFixed(0)} ms`,
    );
    const lost = accepted.length - latencies.length;
    return [
      {
        row: "latency",
        what: "accepted to visible, 5,000 events/s, batch running",
        goal: `p99 <= ${GOAL_MS} ms`,
        figure: `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${percentile(latencies, 1).toFixed(0)} ms`,
        met: p99 <= GOAL_MS,
        ...(lost > 0 ? { wrong: `${lost} markers were never visible` } : {}),
      },
    ];
  });
