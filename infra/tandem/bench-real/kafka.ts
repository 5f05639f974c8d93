// Events per CPU-second through Kafka: the production speed worker (dedupe, two metrics, rows in sqlite) on a
// preloaded topic of one partition, by each adapter; the adapter alone; and its client only counting messages.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@tandem/adapters/embedded";
import { loadConfig, openStack } from "@tandem/adapters/stack";
import type { EventLog, Metric } from "@tandem/shared-logic";
import { checkSpeed } from "../bench/check-speed.ts";
import type { Figure, Row } from "../bench/figure.ts";
import { inFolder } from "../bench/folder.ts";
import { type Contender, inTurn, medians, ratio, type Spent } from "../bench/rounds.ts";
import { benchMetrics, DATASET, openSpeedRun } from "../bench/speed-run.ts";
import { type Truth, truthOf } from "../bench/truth.ts";
import { makeWorkload } from "../bench/workload.ts";
import { Installation } from "../test-real/installation.ts";
import { type Counting, countKafkajs, countRdkafka } from "./client-count.ts";
import { preload } from "./preload.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 300_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
const READ_BYTES = 1 << 20;

interface Measured {
  readonly contender: Contender;
  /** Ends the last round; why a result was wrong. */
  readonly done: () => Promise<string | undefined>;
}

/** Each body is prepared outside the clock, and what it leaves is looked at and closed there too. */
function measured(
  prepare: () => Promise<{
    work(): Promise<void>;
    close(): Promise<string | undefined>;
  }>,
): Measured {
  let open: Awaited<ReturnType<typeof prepare>> | undefined;
  let wrong: string | undefined;
  const done = async (): Promise<string | undefined> => {
    wrong = (await open?.close()) ?? wrong;
    open = undefined;
    return wrong;
  };
  const contender: Contender = async () => {
    await done();
    const now = await prepare();
    open = now;
    return () => now.work();
  };
  return { contender, done };
}

const counted = (counting: Counting): Measured =>
  measured(async () => {
    const { work, close } = await counting();
    let seen = 0;
    return {
      async work() {
        seen = await work();
      },
      async close() {
        await close();
        return seen === EVENTS ? undefined : `${seen} of ${EVENTS} messages`;
      },
    };
  });

const readBy = (log: EventLog): Measured =>
  measured(async () => {
    let at = 0;
    let seen = 0;
    return {
      async work() {
        for (;;) {
          const batch = await log.read(DATASET, 0, at, READ_BYTES);
          if (batch.to === at) return;
          at = batch.to;
          seen += batch.count;
        }
      },
      close: async () => (seen === EVENTS ? undefined : `${seen} of ${EVENTS} records`),
    };
  });

function foldedBy(
  log: EventLog,
  folder: string,
  metrics: readonly [Metric, Metric],
  truth: Truth,
): Measured {
  let runs = 0;
  return measured(async () => {
    const path = join(folder, `${runs++}`);
    await mkdir(path, { recursive: true });
    const run = await openSpeedRun(path, log, metrics);
    return {
      work: () => run.work(),
      async close() {
        const wrong = await checkSpeed(run.views, metrics, truth, false);
        await run.close();
        return wrong;
      },
    };
  });
}

export const kafka: Row = (say) =>
  inFolder(async (folder) => {
    const installation = new Installation({ dataset: { partitions: 1 } });
    const openLog = async (log: "kafka" | "rdkafka") => {
      const file = installation.variant({ ports: { log }, dataset: { partitions: 1 } });
      const { config } = loadConfig({ env: {}, file });
      return { config, ...(await openStack(config, { clock: systemClock() }, ["log"])) };
    };
    const closing: (() => Promise<void>)[] = [];
    try {
      const w = makeWorkload(EVENTS, Number(process.env["SEED"] ?? 1));
      const truth = truthOf(w);
      const metrics = await benchMetrics("metrics");
      const js = await openLog("kafka");
      closing.push(() => js.close());
      const { brokers, topicPrefix } = js.config.kafka;
      await js.log.create(DATASET, 1);
      await preload(js.log, DATASET, 1, w);
      say(`${EVENTS} records of ${Math.round(w.bytes.length / EVENTS)} bytes of JSON in the topic`);
      const topic = topicPrefix + DATASET;
      const all: Record<string, Measured> = {
        "kafkajs counts": counted(countKafkajs(brokers, topic, EVENTS)),
        "kafka reads": readBy(js.log),
        "kafka folds": foldedBy(js.log, join(folder, "kafka"), metrics, truth),
      };
      const rdCounting = countRdkafka(brokers, topic, EVENTS);
      if (rdCounting) {
        const rd = await openLog("rdkafka");
        closing.push(() => rd.close());
        all["node-rdkafka counts"] = counted(rdCounting);
        all["rdkafka reads"] = readBy(rd.log);
        all["rdkafka folds"] = foldedBy(rd.log, join(folder, "rdkafka"), metrics, truth);
      } else say("node-rdkafka is not compiled (make rdkafka): kafkajs alone");
      const contenders = Object.fromEntries(
        Object.entries(all).map(([name, { contender }]) => [name, contender]),
      );
      const times = await inTurn(ROUNDS, contenders);
      const wrong = new Map<string, string | undefined>();
      for (const [name, { done }] of Object.entries(all)) wrong.set(name, await done());
      for (const [name, t] of Object.entries(times)) say(`${name.padEnd(20)} ${rateOf(t)}`);
      const figure = (adapter: string, client: string, did: string): Figure | undefined => {
        const [mine, theirs] = [times[`${adapter} ${did}`], times[`${client} counts`]];
        if (!mine || !theirs) return undefined;
        const bad = wrong.get(`${adapter} ${did}`) ?? wrong.get(`${client} counts`);
        return {
          row: "kafka",
          what: `${adapter} ${did}, events per CPU-second, against ${client} only counting`,
          goal: "",
          figure: `${ratio(theirs, mine).toFixed(2)} x (${rateOf(mine)})`,
          ...(bad === undefined ? {} : { wrong: bad }),
        };
      };
      return [
        figure("kafka", "kafkajs", "reads"),
        figure("kafka", "kafkajs", "folds"),
        figure("rdkafka", "node-rdkafka", "reads"),
        figure("rdkafka", "node-rdkafka", "folds"),
      ].filter((f) => f !== undefined);
    } finally {
      for (const close of closing) await close();
      installation.remove();
    }
  });

function rateOf(times: readonly Spent[]): string {
  const { cpuS, wallS } = medians(times);
  const k = (s: number): string => `${Math.round(EVENTS / s / 1000)} k`;
  return `${k(cpuS)} events per CPU-second, ${k(wallS)} per second`;
}
