// One loop for each partition this process has: begun when the partition comes, ended when it goes. Two
// loops of one partition never run at once here: a partition that comes back waits for its old loop's end.
import type { GroupMember } from "../ports/partition-group.ts";
import { type KeepRunning, keepRunning } from "./keep-running.ts";
import { StopSwitch } from "./stop-switch.ts";

export type PartitionLoop = (partition: number, signal: StopSwitch) => Promise<void>;

export class PartitionLoops implements GroupMember {
  private readonly name: string;
  private readonly loop: PartitionLoop;
  private readonly options: Omit<KeepRunning, "signal">;
  private readonly running = new Map<number, { stop: StopSwitch; ended: Promise<void> }>();
  private readonly ending = new Map<number, Promise<void>>();
  private closed = false;

  /** `loop` runs until the signal aborts; after a failure that may pass it is called again. */
  constructor(name: string, options: Omit<KeepRunning, "signal">, loop: PartitionLoop) {
    this.name = name;
    this.options = options;
    this.loop = loop;
  }

  /** In ascending order. */
  get partitions(): readonly number[] {
    return [...this.running.keys()].sort((a, b) => a - b);
  }

  async onAssigned(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.assign(partition);
  }

  async onRevoked(partitions: readonly number[]): Promise<void> {
    await Promise.all(partitions.map((partition) => this.revoke(partition)));
  }

  assign(partition: number): void {
    if (this.closed || this.running.has(partition)) return;
    const stop = new StopSwitch();
    const where = `${this.name}/${partition}`;
    const before = this.ending.get(partition) ?? Promise.resolve();
    const ended = before.then(() =>
      keepRunning(where, () => this.loop(partition, stop), { ...this.options, signal: stop }),
    );
    this.running.set(partition, { stop, ended });
  }

  /** Resolves once the loop has ended; at once where there is none. */
  async revoke(partition: number): Promise<void> {
    const own = this.running.get(partition);
    if (!own) return this.ending.get(partition);
    this.running.delete(partition);
    this.ending.set(partition, own.ended);
    own.stop.stop();
    await own.ended;
    if (this.ending.get(partition) === own.ended) this.ending.delete(partition);
  }

  /** Nothing is begun from now on; resolves once every loop has ended. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.running.keys()].map((partition) => this.revoke(partition)));
    await Promise.all(this.ending.values());
  }
}
