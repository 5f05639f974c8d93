// Thirty days in an archive, sealed, and then a little that came late: what is healed, and what a full run must
// come to. Objects and views lie in folders of the embedded adapters, copied for each round.
import { createHash } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { FolderObjectStore, SqliteViewStore } from "@tandem/adapters/embedded";
import { HandClock, MemoryEventLog, memoryDeadLetters } from "@tandem/adapters/memory";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  Batch,
  type BatchPorts,
  createDataset,
  Heals,
  inlineTasks,
  makeCut,
  sealDay,
} from "@tandem/batch-layer";
import { Archiver, COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import {
  below,
  catalogue,
  cutKey,
  DAY_MS,
  type DayRow,
  datasetKey,
  type EpochMs,
  type Random,
  seededRandom,
} from "@tandem/shared-logic";

export const DAYS = 30;
const DATASET = "events";
const START_MS = Date.UTC(2026, 2, 2);
const TYPES = ["page_view", "click", "search", "purchase", "error"];
const COUNTRIES = ["US", "DE", "BR", "IN", "FR"];

/** Run -> checksum of its rows, of every metric and day. */
export type Sums = ReadonlyMap<string, string>;
/** Prepared outside the clock; what it came to is read back when the clock has stopped. */
export interface Prepared {
  run(): Promise<void>;
  sums(): Promise<Sums>;
}

export interface HealBench {
  /** Runs of all days, from the archive alone. */
  full(): Promise<Prepared>;
  /** Heals of what is stale, from the states of the runs before. */
  heal(): Promise<Prepared>;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** `late`: events that came late, by day. `spans`: weeks and months are rebuilt, too. */
export async function healBench(
  folder: string,
  perDay: number,
  late: readonly number[],
  spans: boolean,
): Promise<HealBench> {
  const clock = new HandClock((START_MS + (DAYS + 1) * DAY_MS) as EpochMs);
  const log = new MemoryEventLog(clock);
  const [sealed, bare] = [
    await mkdtemp(join(folder, "sealed-")),
    await mkdtemp(join(folder, "bare-")),
  ];
  const open = async (dir: string): Promise<BatchPorts> => {
    const objects = await FolderObjectStore.open(join(dir, "objects"));
    const unit = { objects, codec: parquetCodec, sha256 };
    const tasks = inlineTasks(unit, (fp) => catalogue.find((m) => m.fingerprint === fp));
    return { ...unit, log, clock, tasks, views: new SqliteViewStore(join(dir, "views.sqlite")) };
  };
  const ports = await open(sealed);
  const { views, objects } = ports;
  await createDataset(
    { log, views },
    DATASET,
    1,
    catalogue.map((m) => m.fingerprint),
  );
  const place = { codec: parquetCodec, dataset: DATASET, partition: 0, genesis: 0 };
  const send = sender(log, clock);
  const archived = async (): Promise<void> => {
    await makeCut({ log, views }, DATASET, {});
    const archiver = new Archiver({ log, objects, clock, ...place });
    while (await archiver.step());
  };
  for (let day = 0; day < DAYS; day++) {
    await send(day, perDay);
    await archived();
  }
  await new Batch(ports, DATASET, catalogue).run();
  for (const [day, count] of late.entries()) if (count > 0) await send(day, count);
  await archived();
  const created = await Promise.all(
    [datasetKey(DATASET), cutKey(DATASET)].map((k) => views.ledger(k)),
  );
  await views.close();
  for (const part of ["archive", "manifest"])
    await cp(join(sealed, "objects", part), join(bare, "objects", part), { recursive: true });

  const inCopy = async (of: string, body: (ports: BatchPorts) => Promise<unknown>) => {
    const dir = await mkdtemp(join(folder, "round-"));
    await cp(of, dir, { recursive: true });
    const own = await open(dir);
    for (const row of created) if (row) await own.views.cas(row.key, 0, row.value);
    return {
      async run() {
        await body(own);
      },
      sums: () => finish(own, dir),
    };
  };
  return {
    full: () =>
      inCopy(bare, async (own) => {
        const batch = new Batch(own, DATASET, catalogue);
        const { archive, cut } = await batch.reachedCut();
        for (const { day, metrics } of await batch.plan(archive, cut, {}))
          await sealDay(own, DATASET, archive, cut, day, metrics);
        if (spans) await batch.run();
      }),
    heal: () =>
      inCopy(sealed, async (own) => {
        const heals = new Heals(own, new Batch(own, DATASET, catalogue), DATASET, catalogue);
        const days = (await heals.queued()).map((d) => d.late.day);
        for (const plan of await heals.plan(days))
          if (plan.run !== undefined) await heals.apply(plan.run, { by: "bench" });
        if (spans) await heals.rebuild(days);
      }),
  };
}

async function finish({ views }: BatchPorts, dir: string): Promise<Sums> {
  const sums = new Map<string, string>();
  for (const { value } of await views.ledgerRows(`day/${DATASET}/`)) {
    for (const { run } of Object.values((JSON.parse(value) as DayRow).entries))
      sums.set(run, (await views.readBack(run)).checksum);
  }
  await views.close();
  await rm(dir, { recursive: true, force: true });
  return sums;
}

function sender(log: MemoryEventLog, clock: HandClock) {
  const random = seededRandom(1);
  const acceptor = createAcceptor({
    ...{ log, clock, deadLetters: memoryDeadLetters(clock), dataset: DATASET },
    ...{ limits: COLLECTOR_LIMITS, counters: collectorCounters() },
  });
  let sent = 0;
  return async (day: number, count: number): Promise<void> => {
    for (let left = count; left > 0; left -= 1000) {
      const lines = Array.from({ length: Math.min(1000, left) }, () => lineOf(random, day, sent++));
      const body = Buffer.from(lines.join("\n"));
      const result = await acceptor.accept({ body, tenant: "shop", mode: "import" });
      if (result?.accepted !== lines.length) throw new RangeError(JSON.stringify(result));
    }
  };
}

function lineOf(random: Random, day: number, n: number): string {
  const type = TYPES[below(random, TYPES.length)] ?? "click";
  const country = COUNTRIES[below(random, COUNTRIES.length)];
  const price = type === "purchase" ? { price: (99 + below(random, 50_000)) / 100 } : {};
  return JSON.stringify({
    event_id: `${n}-${below(random, 1e9)}`,
    event_type: type,
    timestamp: START_MS + day * DAY_MS + below(random, DAY_MS),
    user_id: `u${below(random, 5000)}`,
    properties: { country, platform: "web", ...price },
  });
}
