// One run of the production speed workers over a topic of Kafka, all partitions in one process, from an empty folder to
// the topic's end, views written and a last checkpoint: a contender among the peers of peers.ts, told of in their words.
// argv: brokers, topic, events, file for the groups, "foreign" or "own". Prints `BENCH {"first", "half", "last",
// "done"}`: wall and processor seconds when reading begins, at half and all of the records, and at the end. Then, outside the
// clock, it writes `tenant,type,minute,events,users` lines for whoever knows the truth.
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { KafkaEventLog } from "@tandem/adapters/kafka";
import { countArrayBytesWithHeap } from "@tandem/adapters/stack";
import type { EventLog } from "@tandem/shared-logic";
import { inFolder } from "./folder.ts";
import { groupLines } from "./peers-groups.ts";
import { benchMetrics, openSpeedRun } from "./speed-run.ts";

const PARTITIONS = 4;
/** Each of some seconds. */
const COORDINATOR_TRIES = 12;

type Mark = readonly [wallS: number, cpuS: number];

function now(): Mark {
  const { user, system } = process.cpuUsage();
  return [performance.now() / 1000, (user + system) / 1e6];
}

/** Marks when so many records were given to readers. */
function marking(log: EventLog, counts: readonly number[]): (Mark | undefined)[] {
  const marks: (Mark | undefined)[] = counts.map(() => undefined);
  const read = log.read.bind(log);
  let seen = 0;
  log.read = async (...asked) => {
    const batch = await read(...asked);
    seen += batch.count;
    for (const [i, count] of counts.entries()) if (seen >= count) marks[i] ??= now();
    return batch;
  };
  return marks;
}

/** A new broker makes the topic of group offsets when it is first asked for one, which takes seconds. */
async function coordinated(log: EventLog, topic: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await log.committed(topic, "speed");
      return;
    } catch (error) {
      if (tries === COORDINATOR_TRIES) throw error;
    }
  }
}

const [, , brokers = "", topic = "", count = "", file = "", records = "foreign"] = process.argv;
const events = Number(count);
countArrayBytesWithHeap();

await inFolder(async (folder) => {
  const log = new KafkaEventLog({ brokers: brokers.split(",") });
  const metrics = await benchMetrics(records === "own" ? "metrics" : "metrics-foreign");
  const place = { dataset: topic, partitions: PARTITIONS };
  const run = await openSpeedRun(folder, log, metrics, place);
  await coordinated(log, topic);
  const marks = marking(log, [events / 2, events]);
  const first = now();
  await run.work();
  const done = now();
  const [half, last] = marks;
  if (!half || !last) throw new RangeError(`the topic holds less than ${events} records`);
  process.stdout.write(`BENCH ${JSON.stringify({ events, first, half, last, done })}\n`);
  const out = createWriteStream(file);
  for await (const line of groupLines(run.views, topic, metrics, records !== "own"))
    out.write(line);
  await finished(out.end());
  await log.close();
  await run.close();
});
