// The process that gets killed: a whole Tandem on a data directory and a real clock, fed through the
// collector's acceptor as fast as it acknowledges. It tells its parent on standard output, with writes
// that survive it: what the log holds on opening, then every event *after* its acknowledgement.
// Arguments: directory, life, base time, seed, ends of the log that the parent knows (JSON).
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { DirectoryLock, systemClock } from "@tandem/adapters/embedded";
import { dropSegments, makeCut, rollback, unpin } from "@tandem/batch-layer";
import { COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import {
  below,
  type DayRow,
  dayOf,
  type EpochMs,
  HOUR_MS,
  seededRandom,
  type UtcDay,
} from "@tandem/shared-logic";
import { Tandem } from "../../src/tandem.ts";
import { crashEvent } from "./crash-events.ts";
import { CRASH_OPTIONS, recordId, recordsOf, TENANT } from "./crash-options.ts";

const [dir = "", lifeText = "", baseText = "", seedText = "", endsText = "[]"] =
  process.argv.slice(2);
const [life, baseMs] = [Number(lifeText), Number(baseText)];
const knownEnds = JSON.parse(endsText) as number[];
const random = seededRandom(Number(seedText));
const say = (what: string, value: unknown): void => {
  writeSync(1, `${JSON.stringify([what, value])}\n`);
};

say("opening", life);
await DirectoryLock.take(dir);
const tandem = await Tandem.open({
  ...CRASH_OPTIONS,
  dataDir: dir,
  clock: systemClock(),
  onError: (error, where) => say("error", `${where}: ${String(error)}`),
});
const { ports, dataset, workers } = tandem;

for (const partition of dataset.genesis.keys()) {
  let [known, crc] = [0, 0];
  const fresh: [number, string | null][] = [];
  let end = 0;
  for await (const { offset, value } of recordsOf(ports.log, dataset.dataset, partition)) {
    if (offset >= (knownEnds[partition] ?? 0)) fresh.push([offset, recordId(value) ?? null]);
    crc = crc32(value, crc32(String(offset), crc));
    end = offset + 1;
    if (end === (knownEnds[partition] ?? 0)) known = crc;
  }
  say("log", { partition, end, crc, known, fresh });
}
say(
  "ready",
  workers.map((w) => ({ offset: w.current?.offset, counters: w.current?.counters })),
);

const acceptor = createAcceptor({
  ...ports,
  dataset: dataset.dataset,
  limits: COLLECTOR_LIMITS,
  counters: collectorCounters(),
});
let batching = false;
tandem.start();
// Otherwise written at exit, which never comes.
if (life % 10 === 0) flushCompileCache();

async function send(next: () => number): Promise<void> {
  const ids: [number, number][] = Array.from({ length: 1 + below(random, 25) }, () => {
    if (below(random, 8) > 0) return [life, next()];
    const k = below(random, life + 1);
    return [k, below(random, 400)];
  });
  const body = Buffer.from(
    ids.map(([k, n]) => JSON.stringify(crashEvent(baseMs, k, n))).join("\n"),
  );
  const result = await acceptor.accept({ body, tenant: TENANT, mode: "live", verbose: true });
  for (const r of result?.results ?? [])
    if (r.status === "rejected") say("error", `rejected ${JSON.stringify(r.problems)}`);
  say(
    "ack",
    (result?.results ?? []).filter((r) => r.status === "accepted").map((r) => r.event_id),
  );
}

/** What the schedule and people do, at random: cuts, batch runs, drops, rollbacks. */
async function disturb(): Promise<void> {
  const roll = below(random, 10);
  if (roll < 4) await makeCut(ports, dataset.dataset, {});
  else if (roll < 8) {
    // A day at a time ends within some lives; all days are cut short in most.
    const day = dayOf((baseMs + below(random, 2) * 18 * HOUR_MS) as EpochMs);
    const one = { from: day, until: (day + 1) as UtcDay };
    batching = true;
    await tandem.runBatch({ includeOpen: true, ...(roll < 7 ? one : {}) });
    batching = false;
  } else {
    const metric = tandem.metrics[below(random, tandem.metrics.length)];
    if (!metric) return;
    const fp = metric.fingerprint;
    const days = (await ports.views.ledgerRows(`day/${dataset.dataset}/`)).map((r) => ({
      day: dayOf((Number(r.key.split("/").at(-1)) * 86_400_000) as EpochMs),
      row: JSON.parse(r.value) as DayRow,
    }));
    for (const { day, row } of days) {
      if (roll === 8) await dropSegments(ports.views, dataset.dataset, metric, day);
      else if (row.entries[fp]?.pinned) await unpin(ports.views, dataset.dataset, day, fp);
      else await rollback(ports.views, dataset.dataset, day, fp).catch(() => undefined);
    }
  }
  say("did", roll);
}

let n = 0;
const feeding = [0, 1].map(async () => {
  for (;;) {
    await send(() => n++);
    await sleep(below(random, batching ? 80 : 4));
  }
});
for (;;) {
  await sleep(5 + below(random, 60));
  await disturb().catch((error: unknown) => say("error", `disturb: ${String(error)}`));
  await Promise.race([...feeding, sleep(1)]);
}
