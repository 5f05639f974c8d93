// Brings one partition of somebody else's topic, an event as plain JSON per record, into a dataset: judged as
// the collector judges, appended under the collector's keys, and only then the source's offset is put. Killed
// anywhere it sends again what it is not sure of; the copies have the events' own ids, which duplicates are
// found by. Good events arrive at least once, in the order of the source partition; what is sent again after
// a failure comes again in that order, up to the last copy. Others go to the dead letters with their reasons.
import {
  type AppendRecord,
  type CheckpointStore,
  type Clock,
  DEFAULT_EVENT_LIMITS,
  type DeadLetters,
  type EventLog,
  type Notifications,
  type RecordBatch,
  type RejectedEvent,
  type StopSignal,
  TandemError,
  validateEvent,
} from "@tandem/shared-logic";
import { letterOf } from "../collector/accept-events.ts";
import type { CollectorLogger } from "../collector/collector-logger.ts";
import { type AcceptMode, judgeEvent } from "../collector/judge-event.ts";
import { announceLate } from "../collector/late-events.ts";
import { recordSpace } from "../collector/record-space.ts";
import type { BridgeCounters } from "./bridge-counters.ts";
import { decodeOffset, encodeOffset, offsetName } from "./source-offset.ts";

export interface BridgeOptions {
  readonly source: Pick<EventLog, "read" | "ranges" | "waitFor" | "commit">;
  readonly topic: string;
  readonly partition: number;
  /** Whose offsets these are; another group begins at the topic's start. */
  readonly group: string;
  readonly log: Pick<EventLog, "append">;
  readonly dataset: string;
  readonly partitions: number;
  readonly tenant: string;
  readonly mode: AcceptMode;
  readonly checkpoints: Pick<CheckpointStore, "get" | "put">;
  readonly deadLetters: Pick<DeadLetters, "add">;
  readonly clock: Clock;
  readonly counters: BridgeCounters;
  readonly notifications?: Pick<Notifications, "publish">;
  readonly logger?: CollectorLogger;
  readonly readBytes?: number;
}

const READ_BYTES = 1024 * 1024;
const WAIT_MS = 10_000;
const encoder = new TextEncoder();
const lease = recordSpace();

export class Bridge {
  private readonly o: BridgeOptions;
  private readonly tenant: Uint8Array;
  private offset: number | undefined;

  constructor(options: BridgeOptions) {
    this.o = options;
    this.tenant = encoder.encode(options.tenant);
  }

  /** Next offset to bring over; undefined before the first step, and after one that failed. */
  get current(): number | undefined {
    return this.offset;
  }

  /** Brings one batch over; false where there is none. After a throw the next step reads the offset again. */
  async step(): Promise<boolean> {
    const { source, topic, partition, group, checkpoints, counters } = this.o;
    const from = this.offset ?? (await this.resume());
    this.offset = undefined;
    const batch = await source.read(topic, partition, from, this.o.readBytes ?? READ_BYTES);
    if (batch.to > from) {
      const { records, letters, giveBack } = this.judge(batch);
      await this.append(records);
      giveBack();
      await this.keep(letters);
      const name = offsetName(topic, group, partition);
      await checkpoints.put(name, encodeOffset(batch.to));
      counters.read += batch.count;
      counters.bridged += records.length;
      counters.rejected += letters.length;
      for (const { reason } of letters) counters.rejectedBy[reason]++;
      await this.advise(batch.to);
    }
    this.offset = batch.to;
    return batch.to > from;
  }

  /** Until the signal aborts; throws what a step throws. */
  async run(signal: StopSignal): Promise<void> {
    const { source, topic, partition } = this.o;
    while (!signal.aborted) {
      if (await this.step()) continue;
      await source.waitFor(topic, partition, this.offset ?? 0, WAIT_MS, signal);
    }
  }

  /** The offset that was put last; the topic's start where there is none, or where retention passed it by. */
  private async resume(): Promise<number> {
    const { source, topic, partition, group, checkpoints, counters, logger } = this.o;
    const name = offsetName(topic, group, partition);
    const bytes = await checkpoints.get(name);
    const range = (await source.ranges(topic))[partition];
    if (!range) throw new TandemError("log_unavailable", { message: `no ${topic}/${partition}` });
    const { start, end } = range;
    if (bytes === undefined) return start;
    const offset = decodeOffset(bytes, name);
    if (offset > end) {
      throw new TandemError("checkpoint_refused", {
        message: `the bridge of ${topic}/${partition} stands at offset ${offset}, beyond the topic's end ${end}: it was made anew; set bridge.group to a new name to begin at its start`,
        details: { topic, partition, checkpoint: offset, start, end },
      });
    }
    if (offset >= start) return offset;
    counters.lost += start - offset;
    logger?.error({ topic, partition, from: offset, to: start }, "the topic gave up records");
    return start;
  }

  private judge({ bytes, starts, ends, count }: RecordBatch) {
    const { mode, clock, partitions, tenant } = this.o;
    const limits = { ...DEFAULT_EVENT_LIMITS, imported: mode === "import" };
    const space = lease();
    const now = clock.now();
    const judging = {
      tenant: this.tenant,
      mode,
      now,
      partitions,
      take: space.take,
      checked: false,
    };
    const records: AppendRecord[] = [];
    const letters: RejectedEvent[] = [];
    for (let i = 0; i < count; i++) {
      const [from, until] = [starts[i] ?? 0, ends[i] ?? 0];
      const judged = judgeEvent(validateEvent(bytes, from, until, limits), judging);
      if ("value" in judged) records.push(judged);
      else letters.push(letterOf(tenant, now, judged, bytes.subarray(from, until)));
    }
    return { records, letters, giveBack: () => space.giveBack() };
  }

  /** Resolves once all of them are durable. */
  private async append(records: readonly AppendRecord[]): Promise<void> {
    if (records.length === 0) return;
    const { log, dataset, notifications, tenant, mode } = this.o;
    const results = await log.append(dataset, records);
    const failed = results.find((result) => !result.ok);
    if (failed && !failed.ok) throw failed.error;
    if (notifications && mode === "live") announceLate(notifications, tenant, records, results);
  }

  /** As in the collector: a store that fails does not stop the good ones. */
  private async keep(letters: readonly RejectedEvent[]): Promise<void> {
    if (letters.length === 0) return;
    const { deadLetters, counters, logger } = this.o;
    try {
      await deadLetters.add(letters);
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      counters.deadLettersLost += letters.length;
      logger?.warn({ code: error.code }, "dead letters cannot be kept");
    }
  }

  /** For the tools of the topic's owners; nothing here reads it. */
  private async advise(offset: number): Promise<void> {
    const { source, topic, group, partition } = this.o;
    try {
      await source.commit(topic, group, partition, offset);
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
    }
  }
}
