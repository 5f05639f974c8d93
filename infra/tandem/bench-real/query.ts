// A query's time against reading the same Cassandra partitions with the bare driver, all at once: what was
// read is noted from the statements that the query itself sent. A sealed day (run rows) and a day that only
// the speed layer has, to which events are added meanwhile, in turn, answers compared to what was sent.
import { createRequire } from "node:module";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "@tandem/adapters/embedded";
import { loadConfig, type TandemConfig } from "@tandem/adapters/stack";
import { QueryEngine } from "@tandem/serving";
import type { Figure, Row } from "../bench/figure.ts";
import { median, percentile } from "../bench/rounds.ts";
import { makeWorkload } from "../bench/workload.ts";
import { Tandem } from "../src/tandem.ts";
import { createKey, inInstallation } from "./bench-installation.ts";
import { bodiesOf, post, type Target } from "./client.ts";
import { startLayers } from "./layer-process.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 20_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
const QUERIES = 400;
const GOAL = 1.5;
const DAY_MS = 86_400_000;
const MOST_MORE = 5_000;
const PAUSE_MS = 100;

type Execute = (cql: string, params: unknown[], options: object) => Promise<unknown>;
interface Client {
  execute: Execute;
  connect(): Promise<void>;
  shutdown(): Promise<void>;
}
const require = createRequire(fileURLToPath(import.meta.resolve("@tandem/adapters/cassandra")));
const name = "cassandra-driver";
const driver = require(name) as {
  readonly Client: (new (o: object) => Client) & { readonly prototype: Client };
};

interface Read {
  readonly cql: string;
  readonly params: readonly unknown[];
  readonly options: object;
}

const SOME_PARTITIONS = "partition IN ?";

/** A statement of ours may read the rows of several log partitions. */
function onePartitionEach({ cql, params, options }: Read): readonly Read[] {
  const [before, after] = cql.split(SOME_PARTITIONS);
  if (before === undefined || after === undefined) return [{ cql, params: [...params], options }];
  const at = before.split("?").length - 1;
  const partitions = params[at] as readonly number[];
  return partitions.map((partition) => ({
    cql: `${before}partition = ?${after}`,
    params: [...params.slice(0, at), partition, ...params.slice(at + 1)],
    options,
  }));
}

/** The reads of rows that `body` makes, by any client of this process; registers and the ledger are the query's own affair. */
async function readsOf(body: () => Promise<unknown>): Promise<readonly Read[]> {
  const reads: Read[] = [];
  const { prototype } = driver.Client;
  const { execute } = prototype;
  prototype.execute = function (this: Client, cql, params, options) {
    if (/\bFROM (speed|run_row)\b/.test(cql))
      reads.push(...onePartitionEach({ cql, params, options }));
    return execute.call(this, cql, params, options);
  };
  try {
    await body();
  } finally {
    prototype.execute = execute;
  }
  return reads;
}

interface Times {
  readonly sorted: readonly number[];
  /** Of this process, per call: the driver's own work is in it on either side. */
  readonly cpuMs: number;
}

async function timesOf(body: () => Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < QUERIES; i++) {
    const began = performance.now();
    await body();
    times.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(before);
  return { sorted: times.sort((a, b) => a - b), cpuMs: (user + system) / 1000 / QUERIES };
}

async function bareClient({ cassandra: c }: TandemConfig): Promise<Client> {
  const { contactPoints, datacenter: localDataCenter, keyspace } = c;
  const client = new driver.Client({ contactPoints, localDataCenter, keyspace });
  await client.connect();
  return client;
}

export const query: Row = (say) =>
  inInstallation({}, async (installation) => {
    const w = makeWorkload(EVENTS, Number(process.env["SEED"] ?? 1));
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
    const key = createKey(installation);
    const running = await startLayers(["archive", "speed", "collect"], installation.file);
    const { config } = loadConfig({ env: {}, file: installation.file });
    const { dataDir } = installation;
    const tandem = await Tandem.open({ config, dataDir, clock: systemClock(), threads: 0 });
    const bare = await bareClient(config);
    try {
      const target = { url: /http:\/\/[\d.:]+/.exec(running[2]!.about)?.[0] ?? "", key };
      const sealed = dayOf(today - 2 * DAY_MS);
      for (const body of bodiesOf(w, 500, "sealed-", sealed)) await post(target, body);
      const done = installation.tandem(["batch", "run"]);
      if (done.code !== 0) throw new Error(done.err);
      const live = dayOf(today - DAY_MS);
      for (const body of bodiesOf(w, 500, "live-", live)) await post(target, body);
      const figures: Figure[] = [];
      for (const [what, day, layer] of [
        ["a sealed day by hour and type", sealed, "batch"],
        ["a live day by hour and type", live, "speed"],
      ] as const) {
        const params = { from: day, until: dayOf(Date.parse(day) + DAY_MS), grain: "hour" };
        const ask = () =>
          tandem.queries.query({ ...params, by: ["event_type"] }, "events", "default");
        const wrong = await shownWhole(ask, w.count - w.copies, layer);
        // Of an engine that keeps no rows: what the query has to read.
        const fresh = new QueryEngine({
          ...tandem.ports,
          metrics: tandem.metrics,
          dataset: tandem.dataset.dataset,
          runRowBytes: 0,
          speedRowBytes: 0,
        });
        const asNew = () => fresh.query({ ...params, by: ["event_type"] }, "events", "default");
        const reads = await readsOf(asNew);
        const read = () =>
          Promise.all(reads.map((r) => bare.execute(r.cql, [...r.params], r.options)));
        const [mine, theirs]: [number[], number[]] = [[], []];
        const middles: [number[], number[]] = [[], []];
        const cpus: [number[], number[]] = [[], []];
        const unkept: number[] = [];
        const stop = layer === "speed" ? goingOn(target, live) : undefined;
        for (let round = -1; round < ROUNDS; round++) {
          const [a, b] = [await timesOf(ask), await timesOf(read)];
          const c = await timesOf(asNew);
          if (round < 0) continue;
          unkept.push(percentile(c.sorted, 0.99) / percentile(b.sorted, 0.99));
          mine.push(percentile(a.sorted, 0.99));
          theirs.push(percentile(b.sorted, 0.99));
          middles[0].push(percentile(a.sorted, 0.5));
          middles[1].push(percentile(b.sorted, 0.5));
          cpus[0].push(a.cpuMs);
          cpus[1].push(b.cpuMs);
        }
        await stop?.();
        const ratioOf = (a: readonly number[], b: readonly number[]): number =>
          median(a.map((x, i) => x / b[i]!));
        const [p99, p50] = [ratioOf(mine, theirs), ratioOf(middles[0], middles[1])];
        say(`${what}: ${reads.length} partitions read`);
        say(`  its rows kept between queries; read each time: p99 ${median(unkept).toFixed(2)} x`);
        figures.push({
          row: "query",
          what: `${what}, p99 against the bare driver`,
          goal: `<= ${GOAL.toFixed(1)} x`,
          figure: `${p99.toFixed(2)} x (${median(mine).toFixed(1)} against ${median(theirs).toFixed(1)} ms; p50 ${p50.toFixed(2)} x, ${median(middles[0]).toFixed(1)} against ${median(middles[1]).toFixed(1)} ms; CPU ${median(cpus[0]).toFixed(1)} against ${median(cpus[1]).toFixed(1)} ms)`,
          met: p99 <= GOAL,
          ...(wrong === undefined ? {} : { wrong }),
        });
      }
      return figures;
    } finally {
      await bare.shutdown();
      await tandem.close();
      for (const one of running) await one.stop();
    }
  });

/** Ten more events a second on a day, so that its rows change all the time; until the function that it gives is called. */
function goingOn(target: Target, day: string): () => Promise<void> {
  let over = false;
  const sent = (async () => {
    for (const body of bodiesOf(makeWorkload(MOST_MORE, 2), 1, "more-", day)) {
      if (over) return;
      await post(target, body);
      await pause(PAUSE_MS);
    }
  })();
  return () => {
    over = true;
    return sent;
  };
}

/** Waits until the answer holds all events, from the layer that is meant; why it does not. */
async function shownWhole(
  ask: () => ReturnType<Tandem["queries"]["query"]>,
  events: number,
  layer: string,
): Promise<string | undefined> {
  const end = performance.now() + 60_000;
  for (;;) {
    const result = await ask();
    if (!result.ok) return JSON.stringify(result.problem);
    const { points } = result.answer;
    const sum = (field: "low" | "high"): number =>
      points.reduce((n, p) => n + Number(p[field] ?? 0), 0);
    const other = points.find((p) => p.layer !== layer);
    if (sum("low") <= events && events <= sum("high") && !other) return undefined;
    if (performance.now() > end)
      return `${events} events were sent, ${sum("low")} to ${sum("high")} are shown${other ? `, some by ${other.layer}` : ""}`;
  }
}
