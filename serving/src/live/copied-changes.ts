// Changes as the speed layer's processes tell them: the log of cell updates, read from its end while anybody
// listens. Losing some loses no number: what nobody tells of is found by looking.
import { type EventLog, TandemError } from "@tandem/shared-logic";
import type { Change, Changes } from "./change-feed.ts";
import { type Pace, REAL_PACE } from "./pace.ts";

export interface CopiedChangesParts {
  readonly log: Pick<EventLog, "partitions" | "ranges" | "read" | "waitFor">;
  /** Of the cell updates. */
  readonly dataset: string;
  readonly pace?: Pace;
}

const READ_BYTES = 1 << 20;
const WAIT_MS = 1000;
/** After a failure, or where there is no such log (yet). */
const REST_MS = 5000;

export class CopiedChanges implements Changes {
  private readonly parts: CopiedChangesParts;
  private readonly listeners = new Set<(change: Change) => void>();
  private stop: AbortController | undefined;

  constructor(parts: CopiedChangesParts) {
    this.parts = parts;
  }

  listen(told: (change: Change) => void): () => void {
    this.listeners.add(told);
    if (!this.stop) {
      this.stop = new AbortController();
      void this.run(this.stop.signal);
    }
    return () => {
      this.listeners.delete(told);
      if (this.listeners.size > 0) return;
      this.stop?.abort();
      this.stop = undefined;
    };
  }

  /** From the end anew after each failure. */
  private async run(signal: AbortSignal): Promise<void> {
    const { log, dataset, pace = REAL_PACE } = this.parts;
    while (!signal.aborted) {
      const broken = new AbortController();
      const either = AbortSignal.any([signal, broken.signal]);
      try {
        const ranges = await log.ranges(dataset);
        await Promise.all(
          ranges.map(({ end }, partition) =>
            this.follow(partition, end, either).catch((error: unknown) => {
              broken.abort();
              throw error;
            }),
          ),
        );
      } catch (error) {
        if (!(error instanceof TandemError)) throw error;
      }
      await pace.sleep(REST_MS, signal);
    }
  }

  private async follow(partition: number, end: number, signal: AbortSignal): Promise<void> {
    const { log, dataset } = this.parts;
    for (let from = end; !signal.aborted; ) {
      await log.waitFor(dataset, partition, from, WAIT_MS, signal);
      if (signal.aborted) return;
      const batch = await log.read(dataset, partition, from, READ_BYTES);
      from = batch.to;
      const told = new Set<string>();
      for (let i = 0; i < batch.count; i++) {
        const change = changeOf(batch.bytes.subarray(batch.starts[i], batch.ends[i]));
        const key = change && JSON.stringify(change);
        if (!change || key === undefined || told.has(key)) continue;
        told.add(key);
        for (const listener of this.listeners) listener(change);
      }
    }
  }
}

/** A note of another make is passed over. */
function changeOf(bytes: Uint8Array): Change | undefined {
  try {
    const { tenant, metric } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Change>;
    return typeof tenant === "string" && typeof metric === "string"
      ? { tenant, metric }
      : undefined;
  } catch {
    return undefined;
  }
}
