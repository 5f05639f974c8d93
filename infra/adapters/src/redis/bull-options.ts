// What the BullMQ job queue is told: which Redis, and how long things may take. All times are real time:
// BullMQ goes by the computer's clock.
import type { Job } from "@tandem/shared-logic";

export interface BullOptions {
  /** As `redis://host:port` or `rediss://host:port`, perhaps with `/database`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Begins every key, so that several installations share a Redis. Default `tandem`. */
  readonly prefix?: string;
  /** Longest that `add`, `schedule`, `unschedule` and `state` take. Default 2,000. */
  readonly commandMs?: number;
  /** A running job whose process shows no life for so long runs again. Default 30,000. */
  readonly lockMs?: number;
  /** How often a parent looks after a child that it did not bring itself. Default 1,000. */
  readonly pollMs?: number;
  /** How often the schedules of this process are made anew where Redis lost them. Default 60,000. */
  readonly reassertMs?: number;
  /** Longest that `stop` and `close` wait for running handlers. Default: as long as they take. */
  readonly drainMs?: number;
  /** Finished jobs of a queue that `state` still knows. Default 5,000. */
  readonly finishedKept?: number;
  /** Told of every throw of a handler, for the operator's log. */
  readonly onThrow?: (job: Job, error: unknown) => void;
  /** Told of what goes wrong between calls, such as a lost connection. It mends itself. */
  readonly onProblem?: (error: Error) => void;
}

export type BullSettings = Required<Omit<BullOptions, "username" | "password" | "url">> &
  Pick<BullOptions, "username" | "password" | "url">;

export const settingsOf = (options: BullOptions): BullSettings => ({
  prefix: "tandem",
  commandMs: 2_000,
  lockMs: 30_000,
  pollMs: 1_000,
  reassertMs: 60_000,
  drainMs: Number.POSITIVE_INFINITY,
  finishedKept: 5_000,
  onThrow: () => {},
  onProblem: () => {},
  ...options,
});

/** Where Redis is, without what an address may carry of secrets. */
export function placeOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "an address that is none" : `${parsed.protocol}//${parsed.host}`;
}
