// Drives a generated stream through the production collector, speed worker and archiver on the embedded
// stores, on a hand clock: deliveries in random small batches, cuts, restarts and checkpoints at random.
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  FileCheckpointStore,
  FileEventLog,
  FolderObjectStore,
  SqliteViewStore,
} from "@tandem/adapters/embedded";
import { HandClock, memoryDeadLetters } from "@tandem/adapters/memory";
import { parquetCodec } from "@tandem/adapters/parquet";
import { Batch, createDataset, inlineTasks, makeCut } from "@tandem/batch-layer";
import { Archiver, COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import {
  below,
  ColumnScanner,
  catalogue,
  type EpochMs,
  fieldsOf,
  type Metric,
  type Random,
  type RecordBatch,
} from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";
import type { Delivery } from "../../src/simulator/app-users.ts";

export const PARTITIONS = 2;
export const DATASET = "events";
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export async function liveStream(
  folder: string,
  random: Random,
  startMs: number,
  metrics: readonly Metric[] = catalogue,
) {
  const fields = [...new Set(["event_id", ...metrics.flatMap(fieldsOf)])];
  const clock = new HandClock(startMs as EpochMs);
  const log = await FileEventLog.open(join(folder, "log"), { clock });
  const objects = await FolderObjectStore.open(join(folder, "objects"));
  const checkpoints = await FileCheckpointStore.open(join(folder, "checkpoints"));
  const views = new SqliteViewStore(join(folder, "views.sqlite"));
  const deadLetters = memoryDeadLetters(clock);
  const ports = { log, objects, checkpoints, views, deadLetters, clock };
  const dataset = await createDataset(
    ports,
    DATASET,
    PARTITIONS,
    metrics.map((m) => m.fingerprint),
  );
  const counters = collectorCounters();
  const acceptor = createAcceptor({
    ...ports,
    dataset: DATASET,
    limits: COLLECTOR_LIMITS,
    counters,
  });
  const archivers = dataset.genesis.map(
    (genesis, partition) =>
      new Archiver({
        ...ports,
        codec: parquetCodec,
        dataset: DATASET,
        partition,
        genesis,
        limits: { records: 500, bytes: 1 << 20 },
      }),
  );
  const unitPorts = { objects, codec: parquetCodec, sha256 };
  const tasks = inlineTasks(unitPorts, (fp) => metrics.find((m) => m.fingerprint === fp));
  const batch = new Batch({ ...ports, ...unitPorts, tasks }, DATASET, metrics);

  let owners = 0;
  const workers: SpeedWorker[] = [];
  const openWorker = async (partition: number): Promise<void> => {
    const place = { dataset: DATASET, partition, owner: `w${owners++}` };
    const options = { readBytes: 2000 + below(random, 60_000) };
    const worker = new SpeedWorker(ports, place, metrics, new ColumnScanner(fields), options);
    await worker.open();
    workers[partition] = worker;
  };
  for (let p = 0; p < PARTITIONS; p++) await openWorker(p);

  /** Sends one batch at its moment; then perhaps something else happens. */
  async function send(batchOf: readonly Delivery[]): Promise<void> {
    const at = batchOf.at(-1)?.atMs ?? clock.now();
    if (at > clock.now()) await clock.advance(at - clock.now());
    const body = Buffer.from(batchOf.map((d) => JSON.stringify(d.event)).join("\n"));
    const result = await acceptor.accept({ body, tenant: "shop", mode: "live" });
    if (result?.accepted !== batchOf.length)
      throw new RangeError("the collector refused a generated event");
    const p = below(random, PARTITIONS);
    const roll = below(random, 40);
    if (roll < 15) await workers[p]?.fold();
    else if (roll < 20) await workers[p]?.flush();
    else if (roll < 22) await workers[p]?.checkpoint();
    else if (roll < 23)
      await openWorker(p); // the one before is a zombie now, or dead
    else if (roll < 24) await makeCut(ports, DATASET, {});
  }

  async function settle(): Promise<void> {
    for (const w of workers) await w.catchUp();
    for (const a of archivers) while (await a.step());
  }

  async function records(partition: number): Promise<RecordBatch[]> {
    const all: RecordBatch[] = [];
    for (let from = 0; ; ) {
      const b = await log.read(DATASET, partition, from, 1 << 22);
      if (b.to === from) return all;
      all.push({ ...b, bytes: b.bytes.slice() });
      from = b.to;
    }
  }

  async function close(): Promise<void> {
    await log.close();
    await views.close();
    await objects.close();
  }
  return { ...ports, ports, batch, workers, counters, send, settle, records, close, openWorker };
}

/** Deliveries cut into batches of 1 to 60. */
export function* inBatches(deliveries: readonly Delivery[], random: Random): Generator<Delivery[]> {
  for (let i = 0; i < deliveries.length; ) {
    const n = 1 + below(random, 60);
    yield deliveries.slice(i, i + n);
    i += n;
  }
}
