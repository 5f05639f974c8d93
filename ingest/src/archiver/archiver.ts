// Copies one partition of the log into archive objects: object first, manifest entry second, the
// group's offset third. It owns nothing but its memory: what is archived is read from the manifest, so
// a crash anywhere, or a second archiver, changes no byte of what comes out (DESIGN: §5.9).
import { createHash } from "node:crypto";
import {
  type ArchiveCodec,
  archiveKey,
  type Clock,
  type EventLog,
  lastManifestEntry,
  type ManifestEntry,
  type ObjectStore,
  type RecordBatch,
  type StopSignal,
  TandemError,
} from "@tandem/shared-logic";
import { entryOfObject } from "./entry-of-object.ts";
import {
  extendObject,
  OBJECT_LIMITS,
  type ObjectLimits,
  type OpenObject,
  openObject,
} from "./object-boundary.ts";
import { sliceBatch } from "./record-batches.ts";
import { putEntry, putObject } from "./store-object.ts";

export const ARCHIVER_GROUP = "archiver";

export interface ArchiverOptions {
  readonly log: EventLog;
  readonly objects: ObjectStore;
  readonly codec: ArchiveCodec;
  readonly clock: Clock;
  readonly dataset: string;
  readonly partition: number;
  /** The partition's genesis offset. */
  readonly genesis: number;
  readonly limits?: ObjectLimits;
  readonly readBytes?: number;
  /** Told of each entry that stands in the manifest now. */
  readonly onArchived?: (entry: ManifestEntry) => void;
  /** Told of a failure that `run` tries again after. */
  readonly onRetry?: (error: TandemError) => void;
}

const READ_BYTES = 1024 * 1024;
const WAIT_MS = 10_000;
const RETRY_MS = [200, 1000, 5000, 15_000];

/** Where reading stands. Rebuilt from the manifest after any failure. */
interface Progress {
  /** First offset of the open object. */
  from: number;
  /** Effective seq at `from`. */
  seq: number;
  /** Next offset to read. */
  readFrom: number;
  open: OpenObject;
  batches: RecordBatch[];
}

const begin = (from: number, seq: number): Progress => ({
  from,
  seq,
  readFrom: from,
  open: openObject(seq),
  batches: [],
});

export class Archiver {
  private readonly o: ArchiverOptions;
  private progress: Progress | undefined;

  constructor(options: ArchiverOptions) {
    this.o = options;
  }

  /** Archives every object that is complete now; true where there was one. */
  async step(signal?: StopSignal): Promise<boolean> {
    const { log, dataset, partition, limits = OBJECT_LIMITS, readBytes = READ_BYTES } = this.o;
    let progress = this.progress ?? (await this.resume());
    this.progress = undefined;
    let moved = false;
    while (!signal?.aborted) {
      const batch = await log.read(dataset, partition, progress.readFrom, readBytes);
      if (batch.to === progress.readFrom) break;
      let next = batch.to;
      for (let row = 0; row < batch.count; ) {
        const { open, until, closed } = extendObject(progress.open, batch, row, limits);
        progress.batches.push(sliceBatch(batch, row, until));
        progress.open = open;
        row = until;
        if (!closed) continue;
        const to = batch.offsets[until - 1]! + 1;
        const entry = await this.archive(progress, to);
        progress = begin(entry.to, entry.seq);
        moved = true;
        if (entry.to === to) continue;
        // Another archiver's object was there first and ends elsewhere.
        next = entry.to;
        break;
      }
      progress.readFrom = next;
    }
    this.progress = progress;
    return moved;
  }

  /** Archives until the signal aborts. Failures that may pass are tried again, others thrown. */
  async run(signal: StopSignal): Promise<void> {
    const { log, clock, dataset, partition } = this.o;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.step(signal);
        failures = 0;
        const offset = this.progress?.readFrom ?? this.o.genesis;
        await log.waitFor(dataset, partition, offset, WAIT_MS, signal);
      } catch (error) {
        if (!(error instanceof TandemError) || !error.retryable) throw error;
        this.o.onRetry?.(error);
        const ms = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 0;
        await clock.sleep(ms, signal).catch((stop: unknown) => {
          if (!(stop instanceof TandemError && stop.code === "cancelled")) throw stop;
        });
      }
    }
  }

  private async resume(): Promise<Progress> {
    const { log, objects, dataset, partition, genesis } = this.o;
    const last = await lastManifestEntry(objects, dataset, partition);
    if (!last) return begin(genesis, 0);
    await log.commit(dataset, ARCHIVER_GROUP, partition, last.to);
    return begin(last.to, last.seq);
  }

  private async archive(progress: Progress, to: number): Promise<ManifestEntry> {
    const { log, codec, dataset, partition } = this.o;
    const { from, batches, seq } = progress;
    const key = archiveKey(dataset, partition, from, to, codec.extension);
    const bytes = await putObject(this.o, key, await codec.encode(partition, batches), batches);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const facts = { dataset, partition, from, to, object: key, sizeBytes: bytes.length, sha256 };
    const entry = await putEntry(this.o, entryOfObject(facts, await codec.columns(bytes, []), seq));
    await log.commit(dataset, ARCHIVER_GROUP, partition, entry.to);
    this.o.onArchived?.(entry);
    return entry;
  }
}
