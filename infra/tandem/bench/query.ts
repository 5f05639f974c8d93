// Goal Q1: a query over a sealed day and the two after it that only speed has, by minute, against reading the
// rows it read and doing nothing with them. Late events of the sealed day lie above its run, and before each query one
// more event is folded, so that none answers what the last one did. Embedded stores.
import { systemClock } from "@tandem/adapters/embedded";
import { COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import { QueryEngine } from "@tandem/serving";
import { DAY_MS, type RunQuery, type SpeedQuery, type ViewStore } from "@tandem/shared-logic";
import { Tandem } from "../src/tandem.ts";
import type { Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import { goalFigure } from "./measured.ts";
import { median, percentile } from "./rounds.ts";
import { makeWorkload, START_MS, type Workload } from "./workload.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 20_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
/** A round: the 99th percentile of a hundred is one of two outliers. */
const QUERIES = 400;

/** Lines of the workload, moved to begin at `fromMs`, with ids of their own. */
function* linesOf(
  w: Workload,
  fromMs: number,
  name: string,
  from: number,
  most: number,
): Generator<string> {
  for (let i = from; i < Math.min(w.count, from + most); i++) {
    const line = Buffer.from(w.bytes.subarray(w.starts[i]!, w.ends[i]!)).toString("latin1");
    const time = new Date(w.arrivalMs[i]! - START_MS + fromMs).toISOString();
    yield line
      .replace(/"timestamp":"[^"]*"/, `"timestamp":"${time}"`)
      .replace('"event_id":"', `"event_id":"${name}`);
  }
}

/** The reads of rows that `body` makes. */
async function readsOf(views: ViewStore, body: () => Promise<unknown>) {
  const reads: (() => Promise<unknown>)[] = [];
  const { readSpeed, readRun } = views;
  views.readSpeed = (q: SpeedQuery) => {
    reads.push(() => readSpeed.call(views, q));
    return readSpeed.call(views, q);
  };
  views.readRun = (q: RunQuery) => {
    reads.push(() => readRun.call(views, q));
    return readRun.call(views, q);
  };
  await body();
  Object.assign(views, { readSpeed, readRun });
  return async () => {
    await Promise.all(reads.map((read) => read()));
  };
}

/** `before`: each, and not timed. */
async function p99Of(before: () => Promise<void>, body: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < QUERIES; i++) {
    await before();
    const began = performance.now();
    await body();
    times.push(performance.now() - began);
  }
  return percentile(
    times.sort((a, b) => a - b),
    0.99,
  );
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

type Send = (fromMs: number, name: string, from?: number, most?: number) => Promise<void>;

/** Sends events of the workload, from number `from` on. */
function sender(tandem: Tandem, w: Workload): Send {
  const acceptor = createAcceptor({
    ...tandem.ports,
    dataset: tandem.dataset.dataset,
    limits: { ...COLLECTOR_LIMITS, eventsPerRequest: Number.POSITIVE_INFINITY },
    counters: collectorCounters(),
  });
  return async (fromMs, name, from = 0, most = w.count) => {
    const lines = [...linesOf(w, fromMs, name, from, most)];
    await acceptor.accept({
      body: Buffer.from(lines.join("\n")),
      tenant: "default",
      mode: "import",
    });
  };
}

/** A sealed day and two that are not, with late events of the first. */
async function load(tandem: Tandem, send: Send, w: Workload, firstMs: number): Promise<void> {
  await send(firstMs, "a");
  await tandem.catchUp();
  await tandem.runBatch({ includeOpen: true });
  await send(firstMs, "late", 0, Math.ceil(w.count / 100));
  await send(firstMs + DAY_MS, "b");
  await send(firstMs + 2 * DAY_MS, "c");
  await tandem.catchUp();
}

export const query: Row = (say) =>
  inFolder(async (dataDir) => {
    const w = makeWorkload(EVENTS, Number(process.env["SEED"] ?? 1));
    const firstMs = Math.floor(Date.now() / DAY_MS - 4) * DAY_MS;
    const tandem = await Tandem.open({ dataDir, clock: systemClock(), threads: 0 });
    try {
      await tandem.openWorkers();
      const send = sender(tandem, w);
      await load(tandem, send, w, firstMs);
      const range = { from: dayOf(firstMs), until: dayOf(firstMs + 3 * DAY_MS), grain: "minute" };
      const ask = () => tandem.queries.query(range, "events", "default");
      const wrong = await checked(ask, 3 * (w.count - w.copies));
      // Of an engine that keeps no rows.
      const { metrics, dataset } = tandem;
      const about = {
        ...tandem.ports,
        metrics,
        dataset: dataset.dataset,
        runRowBytes: 0,
        speedRowBytes: 0,
      };
      const fresh = new QueryEngine(about);
      const read = await readsOf(tandem.ports.views, () => fresh.query(range, "events", "default"));
      let sent = 0;
      const another = async (): Promise<void> => {
        await send(firstMs + 2 * DAY_MS, `more${sent}`, sent++ % w.count, 1);
        await tandem.catchUp();
      };
      const [ours, theirs, runs]: [number[], number[], number[]] = [[], [], []];
      for (let round = -1; round < ROUNDS; round++) {
        const [mine, bare] = [await p99Of(another, ask), await p99Of(another, read)];
        if (round < 0) continue;
        ours.push(mine);
        theirs.push(bare);
        runs.push(mine / bare);
      }
      say(
        `${3 * 1440} windows; p99 ${median(ours).toFixed(1)} ms, reading alone ${median(theirs).toFixed(1)} ms`,
      );
      const figure = goalFigure("query", "Q1", { ours: median(ours), peer: median(theirs), runs });
      return [{ ...figure, ...(wrong === undefined ? {} : { wrong }) }];
    } finally {
      await tandem.close();
    }
  });

/** Why the answer is not what was sent; late events of the first day may lie before it. */
async function checked(
  ask: () => ReturnType<Tandem["queries"]["query"]>,
  atLeast: number,
): Promise<string | undefined> {
  const result = await ask();
  if (!result.ok) return JSON.stringify(result.problem);
  const { points } = result.answer;
  const layers = new Set(points.map((p) => p.layer));
  if (!layers.has("speed") || !(layers.has("batch") || layers.has("both")))
    return `layers ${[...layers]}`;
  const high = points.reduce((n, p) => n + Number(p.high ?? 0), 0);
  return high >= atLeast * 0.97 ? undefined : `${high} of ${atLeast} events are shown`;
}
