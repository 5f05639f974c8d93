// What waits to be appended to one partition: batches in their order, of which the last one still takes
// records. One batch at a time is under way, so order holds however often it is sent again.
import { BatchBuilder } from "../batch/batch-builder.ts";
import type { Compression } from "../batch/compression.ts";
import type { ProducerIdentity } from "./producer-identities.ts";

export type Outcome =
  | { readonly ok: true; readonly baseOffset: number }
  | { readonly ok: false; readonly error: Error };

export class WaitingBatch {
  readonly builder = new BatchBuilder();
  readonly settled: Promise<void>;
  outcome: Outcome | undefined;
  /** When nobody waits for it any more. */
  expiresAtMs = 0;
  private sealing: Promise<void> | undefined;
  /** Before compression. */
  gatheredBytes = 0;
  /** Whether the broker may have it. */
  sent = false;
  private wake: () => void = () => undefined;

  constructor() {
    this.settled = new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  get sealed(): boolean {
    return this.sealing !== undefined;
  }

  /** From here on it takes no records. */
  seal(compression: Compression): Promise<void> {
    this.sealing ??= this.builder.seal(compression);
    return this.sealing;
  }

  settle(outcome: Outcome): void {
    this.outcome = outcome;
    this.wake();
  }
}

export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly batches: WaitingBatch[] = [];
  underWay = false;
  identity: ProducerIdentity | undefined;
  private sequence = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** The batch that takes the next record of about `sizeBytes`. */
  open(sizeBytes: number, maxBatchBytes: number): WaitingBatch {
    const last = this.batches.at(-1);
    if (last !== undefined && !last.sealed && last.builder.sizeBytes + sizeBytes <= maxBatchBytes) {
      return last;
    }
    const made = new WaitingBatch();
    this.batches.push(made);
    return made;
  }

  /** Whether its first batch takes no more. */
  get full(): boolean {
    return this.batches.length > 1;
  }

  get first(): WaitingBatch {
    const [batch] = this.batches;
    if (batch === undefined) throw new TypeError("nothing waits");
    return batch;
  }

  /** The batch's bytes, numbered; under `current` where it has no identity yet. */
  signed(batch: WaitingBatch, current: ProducerIdentity): Buffer {
    if (this.identity === undefined) {
      this.identity = current;
      this.sequence = 0;
    }
    return batch.builder.signed({ ...this.identity, sequence: this.sequence });
  }

  /** The broker has taken these numbers. */
  advance(count: number): void {
    this.sequence = (this.sequence + count) % 2 ** 31;
  }
}
