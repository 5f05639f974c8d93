// The log with a spool before it: what the log does not take in time is made durable on this process's disk and
// acknowledged, and follows to the log in order. While anything of a partition waits, new records of it go
// behind it. A record may come to the log twice, as one whose first try had no answer may be in it already.
//
// 1. What is called accepted is durable in the log, or on this disk and comes to the log as soon as that and
//    this folder are there; a later call's records of a partition come behind an accepted earlier call's.
// 2. Every call ends within about `answerMs`; `retry` where neither takes the records or the spool is full.
// 3. Errors that need somebody to change something are not spooled: waiting would not help.
import {
  type AppendRecord,
  type Clock,
  type EpochMs,
  type EventLog,
  TandemError,
} from "@tandem/shared-logic";
import type { EventSink, SinkResult } from "../collector/event-sink.ts";
import { PartitionDrain } from "./partition-drain.ts";
import { SharedTimeLimit } from "./shared-time-limit.ts";
import { SpoolBacklog, type SpoolLog } from "./spool-backlog.ts";
import { SPOOL_LIMITS, type SpoolLimits } from "./spool-limits.ts";
import { within } from "./within.ts";

export interface SpooledLogOptions {
  readonly primary: Pick<EventLog, "append">;
  /** This process's alone; whoever opened it closes it. */
  readonly spool: SpoolLog;
  readonly dataset: string;
  /** As the log has it; asked for without the log. */
  readonly partitions: number;
  readonly clock: Clock;
  readonly limits?: Partial<SpoolLimits>;
  /** Told when waiting begins, ends or fails; without anything out of an event. */
  readonly onTrouble?: (what: string) => void;
}

export interface SpoolStats {
  readonly records: number;
  readonly bytes: number;
  readonly oldestMs: number | undefined;
}

export class SpooledLog implements EventSink {
  private readonly o: SpooledLogOptions;
  private readonly limits: SpoolLimits;
  private readonly backlog: SpoolBacklog;
  private readonly limit: SharedTimeLimit;
  private readonly drains: readonly PartitionDrain[];
  private readonly closing = new AbortController();
  private readonly stopping = new AbortController();

  private constructor(options: SpooledLogOptions, limits: SpoolLimits, backlog: SpoolBacklog) {
    this.o = options;
    this.limits = limits;
    this.backlog = backlog;
    const { signal } = this.stopping;
    this.limit = new SharedTimeLimit(options.clock, limits.primaryMs, signal);
    const drain = {
      ...options,
      limits,
      backlog,
      closing: this.closing.signal,
      stop: signal,
      onTrouble: (what: string) => this.tell(what),
    };
    this.drains = Array.from(
      { length: options.partitions },
      (_, partition) => new PartitionDrain(drain, partition),
    );
  }

  /** What an earlier process left goes to the log first. */
  static async open(options: SpooledLogOptions): Promise<SpooledLog> {
    const limits = { ...SPOOL_LIMITS, ...options.limits };
    const onTrouble = options.onTrouble ?? (() => undefined);
    const { maxBytes } = limits;
    const log = new SpooledLog(
      options,
      limits,
      await SpoolBacklog.open({ ...options, maxBytes, onTrouble }),
    );
    for (const [p, drain] of log.drains.entries()) if (log.backlog.waits(p)) drain.wake();
    return log;
  }

  async partitions(dataset: string): Promise<number> {
    return dataset === this.o.dataset ? this.o.partitions : 0;
  }

  async append(dataset: string, records: readonly AppendRecord[]): Promise<readonly SinkResult[]> {
    if (dataset !== this.o.dataset) throw new RangeError(`this spool is not ${dataset}'s`);
    const began = this.o.clock.now();
    if (this.closing.signal.aborted) return all(records, unavailable("the collector ends"));
    if (this.backlog.records === 0) {
      const sent = await this.tryPrimary(records);
      return sent.every((r) => r.ok) ? sent : this.spoolFailed(records, sent, began);
    }
    const waits = records.map(({ partition }) => this.backlog.waits(partition));
    const behind = records.filter((_, i) => waits[i]);
    const direct = records.filter((_, i) => !waits[i]);
    const [spooled, sent] = await Promise.all([
      this.spool(behind, began),
      this.tryPrimary(direct).then((results) => this.spoolFailed(direct, results, began)),
    ]);
    const [fromSpool, fromLog] = [spooled.values(), sent.values()];
    return waits.map((wait) => (wait ? fromSpool : fromLog).next().value ?? NO_RESULT);
  }

  get stats(): SpoolStats {
    const { records, bytes, oldest } = this.backlog;
    return { records, bytes, oldestMs: oldest };
  }

  /** Why others should get the events for now. Events that wait are no reason: they are taken. */
  get unready(): string | undefined {
    return this.backlog.full ? "spool full" : undefined;
  }

  /** Delivers what it can within `closeMs`; the rest is for the next start. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const [p, drain] of this.drains.entries()) if (this.backlog.waits(p)) drain.wake();
    const asleep = Promise.all(this.drains.map((drain) => drain.asleep()));
    await within(this.o.clock, this.limits.closeMs, asleep);
    this.stopping.abort();
    await asleep;
  }

  private async tryPrimary(records: readonly AppendRecord[]): Promise<readonly SinkResult[]> {
    const { primary, dataset } = this.o;
    if (records.length === 0) return [];
    try {
      const tried = await this.limit.within(primary.append(dataset, records));
      return tried.late
        ? all(records, unavailable(`no answer within ${this.limits.primaryMs} ms`))
        : tried.value;
    } catch (error) {
      if (error instanceof TandemError) return all(records, error);
      throw error;
    }
  }

  /** To the spool with what the log did not take though it may later. */
  private async spoolFailed(
    records: readonly AppendRecord[],
    results: readonly SinkResult[],
    began: EpochMs,
  ): Promise<readonly SinkResult[]> {
    const failed = results.map((r) => !r.ok && isRetryable(r.error));
    const why = results[failed.indexOf(true)];
    const own = records.filter((_, i) => failed[i]);
    const spooled = (await this.spool(own, began, why)).values();
    return results.map((r, i) => (failed[i] ? (spooled.next().value ?? NO_RESULT) : r));
  }

  private async spool(
    records: readonly AppendRecord[],
    began: EpochMs,
    why?: SinkResult,
  ): Promise<readonly SinkResult[]> {
    if (records.length === 0) return [];
    const { clock } = this.o;
    const [wasEmpty, wasFull] = [this.backlog.records === 0, this.backlog.full];
    if (!this.backlog.reserve(records)) {
      if (!wasFull) this.tell("the spool is full: senders are told to send again later");
      return all(records, unavailable("the spool is full"));
    }
    if (wasEmpty && why?.ok === false) this.tell(`events wait in the spool: ${why.error.message}`);
    const leftMs = Math.max(0, this.limits.answerMs - (clock.now() - began));
    const put = await within(clock, leftMs, this.put(records));
    return put.late ? all(records, unavailable("the spool's disk does not answer")) : put.value;
  }

  private async put(records: readonly AppendRecord[]): Promise<readonly SinkResult[]> {
    const results = await this.backlog.put(records);
    const failed = results.find((r) => !r.ok);
    if (failed) this.tell(`the spool does not take events: ${failed.error.message}`);
    for (const partition of new Set(records.map((r) => r.partition)))
      this.drains[partition]?.wake();
    return results;
  }

  private tell(what: string): void {
    this.o.onTrouble?.(what);
  }
}

const NO_RESULT: SinkResult = { ok: false, error: new TypeError("a record without a result") };

const all = (records: readonly AppendRecord[], error: Error): SinkResult[] =>
  records.map(() => ({ ok: false, error }));

const isRetryable = (error: Error): boolean => error instanceof TandemError && error.retryable;

function unavailable(what: string): TandemError {
  return new TandemError("log_unavailable", {
    message: `The record may not be in the log: ${what}.`,
  });
}
