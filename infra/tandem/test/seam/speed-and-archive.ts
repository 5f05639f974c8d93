// The parties that follow the log: production speed workers and archivers on ports that wait for a turn.
import { Archiver } from "@tandem/ingest";
import { ColumnScanner } from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";
import { Actor } from "./actor.ts";
import { SEAM_FIELDS, SEAM_METRICS } from "./seam-metrics.ts";
import { DATASET, type World } from "./world.ts";

export const OBJECT_RECORDS = 3;

/** One owner of a partition; two of them, or a stale one, are allowed at any time. */
export const workerActor = (world: World, partition: number, readBytes: number): Actor =>
  new Actor(async (self) => {
    const ports = world.portsOf("worker", self);
    const place = { dataset: DATASET, partition, owner: `w${world.owners++}` };
    const scanner = new ColumnScanner(SEAM_FIELDS);
    const worker = new SpeedWorker(ports, place, SEAM_METRICS, scanner, { readBytes });
    await worker.open();
    for (;;) {
      const r = await self.pause();
      if (r % 5 < 3) await worker.fold();
      if (r % 5 === 0) await worker.fold();
      if (r % 5 === 3) await worker.flush();
      if (r % 5 === 4) await worker.checkpoint();
    }
  });

export const archiverActor = (world: World, partition: number): Actor =>
  new Actor(async (self) => {
    const archiver = new Archiver({
      ...world.portsOf("archiver", self),
      codec: world.options.codec,
      dataset: DATASET,
      partition,
      genesis: 0,
      limits: { records: OBJECT_RECORDS, bytes: 1 << 20 },
    });
    for (;;) {
      await self.pause();
      await archiver.step();
    }
  });
