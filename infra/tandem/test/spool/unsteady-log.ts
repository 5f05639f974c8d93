// An event log in memory whose appends fail in every way that a real one's do. Whoever is cut off by `cut` hears
// nothing more, as a killed process does.
import { MemoryEventLog } from "@tandem/adapters/memory";
import {
  type AppendRecord,
  type AppendResult,
  below,
  type Clock,
  type EventLog,
  type Random,
  TandemError,
} from "@tandem/shared-logic";

export const MODES = [
  "fine",
  "down",
  /** Rejects as a whole. */
  "throws",
  /** Takes everything and does not say so. */
  "unacknowledged",
  /** Takes the first few of each partition. */
  "first-few",
  /** Takes it when nobody waits for the answer any more. */
  "hangs",
  /** Takes nothing and says nothing. */
  "silent",
] as const;
export type Mode = (typeof MODES)[number];

export const DATASET = "events";
export const down = new TandemError("log_unavailable", { message: "down" });

const never = new Promise<never>(() => undefined);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const recordOf = (partition: number, text: string): AppendRecord => ({
  partition,
  key: encoder.encode(`key of ${text}`),
  value: encoder.encode(text),
});

export class UnsteadyLog {
  readonly log: MemoryEventLog;
  /** By partition; the log's own where nothing is said. */
  readonly modes = new Map<number, Mode>();
  mode: Mode = "fine";
  /** Keys as they came, by text. */
  readonly keys = new Map<string, string>();
  appends = 0;
  private readonly clock: Clock;
  private readonly random: Random;
  private life = 0;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.random = random;
    this.log = new MemoryEventLog(clock);
  }

  cut(): void {
    this.life++;
  }

  /** What a process that begins now writes through. */
  client(): Pick<EventLog, "append"> {
    const life = this.life;
    const alive = <T>(work: Promise<T>): Promise<T> => {
      const unheard = () => (life === this.life ? undefined : never);
      return work.then(
        async (value) => (await unheard()) ?? value,
        async (error: unknown) => {
          await unheard();
          throw error;
        },
      );
    };
    return {
      append: (_, records) => (life === this.life ? alive(this.append(records)) : never),
    };
  }

  /** Everything in a partition, as text. */
  async texts(partition: number): Promise<string[]> {
    const { bytes, count, starts, ends } = await this.log.read(DATASET, partition, 0, 1e9);
    return Array.from({ length: count }, (_, i) =>
      decoder.decode(bytes.subarray(starts[i], ends[i])),
    );
  }

  private async append(records: readonly AppendRecord[]): Promise<readonly AppendResult[]> {
    this.appends++;
    if (this.mode === "throws") throw down;
    const results: AppendResult[] = [];
    const partitions = new Set(records.map((r) => r.partition));
    await Promise.all(
      [...partitions].map(async (partition) => {
        const places = [...records.keys()].filter((i) => records[i]?.partition === partition);
        const own = await this.appendTo(
          partition,
          places.map((i) => records[i] as AppendRecord),
        );
        for (const [k, i] of places.entries()) results[i] = own[k] as AppendResult;
      }),
    );
    return results;
  }

  private async appendTo(
    partition: number,
    records: readonly AppendRecord[],
  ): Promise<readonly AppendResult[]> {
    const failed = records.map((): AppendResult => ({ ok: false, error: down }));
    switch (this.modes.get(partition) ?? this.mode) {
      case "fine":
        return this.take(records);
      case "unacknowledged":
        await this.take(records);
        return failed;
      case "first-few": {
        const count = below(this.random, records.length + 1);
        const taken = await this.take(records.slice(0, count));
        return [...taken, ...failed.slice(count)];
      }
      case "hangs":
        await this.clock.sleep(below(this.random, 10_000));
        return this.take(records);
      case "silent":
        return never;
      default:
        return failed;
    }
  }

  private take(records: readonly AppendRecord[]): Promise<readonly AppendResult[]> {
    for (const { key, value } of records) this.keys.set(decoder.decode(value), decoder.decode(key));
    return this.log.append(DATASET, records);
  }
}
