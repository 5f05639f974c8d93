// How long an accepted event (202 received) takes until a query shows it, all layers in one process with the
// default catalogue: at 5,000 events/s with a batch run of a loaded day going on meanwhile, and at 100,000
// events/s (goal L2). Markers of one user are counted by polling the HTTP API; the time between two polls is part
// of the figure.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DAY_MS } from "@tandem/shared-logic";
import type { Figure, Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import { goalFigure } from "./measured.ts";
import { percentile } from "./rounds.ts";
import { makeWorkload, START_MS, type Workload } from "./workload.ts";

const SECONDS = Number(process.env["SECONDS"] ?? 20);
const REQUESTS_A_SECOND = 50;
const LOADED_EVENTS = 100_000;
const MARKERS_A_SECOND = 5;
const POLL_MS = 10;
const GOAL_MS = 500;
/** Goal L2. */
const FULL_RATE = Number(process.env["RATE"] ?? 100_000);
const FULL_SECONDS = 10;

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

async function post({ url, key }: Target, body: Uint8Array): Promise<void> {
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

interface Load {
  readonly name: string;
  readonly eventsARequest: number;
  readonly seconds: number;
}

/** All bodies beforehand: making them would take the cores that are measured. Every so many ends with a marker. */
function bodiesOf(w: Workload, { name, eventsARequest, seconds }: Load): Uint8Array[] {
  const requests = seconds * REQUESTS_A_SECOND;
  const began = Date.now();
  const from = LOADED_EVENTS * 2;
  return Array.from({ length: requests }, (_, r) => {
    const at = began + (r * 1000) / REQUESTS_A_SECOND;
    const events = bodyOf(w, from + r * eventsARequest, eventsARequest, 0)
      .replace(/"timestamp":"[^"]*"/g, `"timestamp":${Math.floor(at)}`)
      .replaceAll('"event_id":"', `"event_id":"${name}`);
    const marker = `{"event_id":"m${name}${r}","event_type":"marker","timestamp":${Math.floor(at)},"user_id":"m"}`;
    return Buffer.from(isMarked(r) ? `${events}\n${marker}` : events);
  });
}

const isMarked = (request: number): boolean =>
  request % (REQUESTS_A_SECOND / MARKERS_A_SECOND) === 0;

interface Seen {
  /** Ms from a marker's 202 to the first answer that counts it, ascending. */
  readonly sorted: readonly number[];
  readonly lost: number;
  /** Events a second that were really sent. */
  readonly rate: number;
}

async function markersUnder(target: Target, w: Workload, load: Load): Promise<Seen> {
  const bodies = bodiesOf(w, load);
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const [from, until] = [today - DAY_MS, today + 2 * DAY_MS].map((ms) =>
    new Date(ms).toISOString(),
  );
  const before = await markersSeen(target, from!, until!);
  const accepted: number[] = [];
  const latencies: number[] = [];
  let over = false;
  const began = performance.now();
  const poll = async (): Promise<void> => {
    const end = began + load.seconds * 1000 + 20_000;
    while (performance.now() < end && !(over && latencies.length === accepted.length)) {
      const seen = (await markersSeen(target, from!, until!)) - before;
      const now = performance.now();
      // A marker may be visible before its 202 has come back: then it took no time.
      while (latencies.length < Math.min(seen, accepted.length))
        latencies.push(Math.max(0, now - accepted[latencies.length]!));
      await pause(POLL_MS);
    }
  };
  const polled = poll();
  const under: Promise<void>[] = [];
  for (const [r, body] of bodies.entries()) {
    await pause(Math.max(0, began + (r * 1000) / REQUESTS_A_SECOND - performance.now()));
    const done = post(target, body).then(() => {
      if (isMarked(r)) accepted.push(performance.now());
    });
    under.push(done);
  }
  await Promise.all(under);
  const tookS = (performance.now() - began) / 1000;
  over = true;
  await polled;
  latencies.sort((a, b) => a - b);
  const rate = (bodies.length * load.eventsARequest) / tookS;
  return { sorted: latencies, lost: accepted.length - latencies.length, rate };
}

export const latency: Row = (say) =>
  inFolder(async (folder) => {
    const child = fork(join(import.meta.dirname, "latency-server.ts"), [join(folder, "data")], {
      execArgv: ["--no-warnings"],
    });
    const [target] = (await once(child, "message")) as [Target];
    const ask = async (what: string): Promise<unknown> => {
      child.send(what);
      return (await once(child, "message"))[0];
    };
    const w = makeWorkload(LOADED_EVENTS);
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    for (let i = 0; i < LOADED_EVENTS; i += 500)
      await post(target, Buffer.from(bodyOf(w, i, 500, today - DAY_MS - START_MS)));
    await ask("reset");
    let batchRuns = 0;
    let over = false;
    const runBatches = async (): Promise<void> => {
      for (; !over; batchRuns++) await ask("batch");
    };
    const batches = runBatches();
    const beside = await markersUnder(target, w, {
      name: "a",
      eventsARequest: 100,
      seconds: SECONDS,
    });
    over = true;
    await batches;
    const loop = (await ask("loop")) as { p99Ms: number; maxMs: number };
    say(
      `${beside.sorted.length} markers, ${batchRuns} batch runs; event loop delay p99 ${loop.p99Ms.toFixed(0)} ms, max ${loop.maxMs.toFixed(0)} ms`,
    );
    const eventsARequest = FULL_RATE / REQUESTS_A_SECOND;
    const full = await markersUnder(target, w, {
      name: "b",
      eventsARequest,
      seconds: FULL_SECONDS,
    });
    child.kill();
    await once(child, "exit");
    const [p50, p99] = [percentile(full.sorted, 0.5), percentile(full.sorted, 0.99)];
    const sent = `${Math.round(full.rate)} events/s were sent, p50 ${p50.toFixed(0)} ms, max ${percentile(full.sorted, 1).toFixed(0)} ms`;
    const goal = { ours: p99, runs: [p99] };
    return [
      { ...shown(beside, "accepted to visible, 5,000 events/s, batch running"), ...lostOf(beside) },
      { ...goalFigure("latency", "L2", goal, sent), ...lostOf(full) },
    ];
  });

function shown({ sorted }: Seen, what: string): Figure {
  const [p50, p99, max] = [0.5, 0.99, 1].map((p) => percentile(sorted, p)) as [
    number,
    number,
    number,
  ];
  return {
    row: "latency",
    what,
    goal: `p99 <= ${GOAL_MS} ms`,
    figure: `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${max.toFixed(0)} ms`,
    met: p99 <= GOAL_MS,
  };
}

const lostOf = ({ lost }: Seen): Pick<Figure, "wrong"> =>
  lost > 0 ? { wrong: `${lost} markers were never visible` } : {};
