// Moves what waits of one partition to the log, oldest first, and sleeps where nothing waits. It is also what
// finds out that the log takes records again: new ones come behind those that wait until none does. A record
// leaves the spool only once the log has it; one that the log will not take holds up those behind it.
import { type AppendRecord, type Clock, type EventLog, TandemError } from "@tandem/shared-logic";
import type { SpoolBacklog } from "./spool-backlog.ts";
import type { SpoolLimits } from "./spool-limits.ts";
import { within } from "./within.ts";

export interface DrainOptions {
  readonly primary: Pick<EventLog, "append">;
  readonly backlog: SpoolBacklog;
  readonly dataset: string;
  readonly clock: Clock;
  readonly limits: SpoolLimits;
  /** Ends the pauses; the first failure is then the last try. */
  readonly closing: AbortSignal;
  readonly stop: AbortSignal;
  readonly onTrouble: (what: string) => void;
}

export class PartitionDrain {
  private readonly o: DrainOptions;
  private readonly partition: number;
  private running: Promise<void> = Promise.resolve();
  private awake = false;
  private woken = false;
  private lastTrouble = "";

  constructor(options: DrainOptions, partition: number) {
    this.o = options;
    this.partition = partition;
  }

  /** Something has become readable. */
  wake(): void {
    this.woken = true;
    if (this.awake) return;
    this.awake = true;
    this.running = this.run();
  }

  /** Resolves once it sleeps. */
  asleep(): Promise<void> {
    return this.running;
  }

  private async run(): Promise<void> {
    const { clock, limits, closing, stop } = this.o;
    for (let failures = 0; !stop.aborted; ) {
      const moved = await this.step().catch((error: Error) => this.trouble(error));
      if (moved) failures = 0;
      else if (moved === undefined) {
        if (!this.woken) break;
      } else {
        if (closing.aborted) break;
        const ms = Math.min(limits.longestRetryMs, limits.retryMs * 2 ** Math.min(failures++, 20));
        await clock.sleep(ms, closing).catch(() => undefined);
      }
    }
    this.awake = false;
  }

  /** True where all that was tried is delivered, undefined where nothing waits. */
  private async step(): Promise<boolean | undefined> {
    const { backlog, limits } = this.o;
    this.woken = false;
    const head = await backlog.head(this.partition, limits.stepBytes);
    if (head === undefined) return undefined;
    const count = await this.deliver(head.records);
    if (count > 0) await backlog.delivered(this.partition, head, count);
    return count === head.records.length;
  }

  /** How many, from the first on, are in the log. */
  private async deliver(records: readonly AppendRecord[]): Promise<number> {
    const { primary, dataset, clock, limits, stop } = this.o;
    const tried = await within(clock, limits.deliverMs, primary.append(dataset, records), stop);
    if (tried.late) {
      this.trouble(new TandemError("log_unavailable", { message: "The log does not answer." }));
      return 0;
    }
    const refused = tried.value.find((r) => !r.ok);
    if (refused === undefined) {
      this.lastTrouble = "";
      return records.length;
    }
    this.trouble(refused.error);
    return tried.value.indexOf(refused);
  }

  private trouble(error: Error): false {
    const what = `partition ${this.partition} waits in the spool: ${error.message}`;
    if (what !== this.lastTrouble) this.o.onTrouble(what);
    this.lastTrouble = what;
    return false;
  }
}
