// What a tracker is given. Clock, chance, network and storage are passed in, so that it runs in any browser,
// Node.js and React Native, and in tests on virtual time.

/** localStorage, AsyncStorage or a folder; each call may fail, hang or be late, and nothing is lost that memory holds. */
export interface TrackerStorage {
  keys(): readonly string[] | Promise<readonly string[]>;
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  set(key: string, value: string): void | Promise<void>;
  remove(key: string): void | Promise<void>;
}

export interface TrackerClock {
  /** Milliseconds since the epoch, as the device has it. */
  now(): number;
  /** The returned function takes it back. */
  after(ms: number, run: () => void): () => void;
}

/** The part of navigator.locks that is used. */
export interface TrackerLocks {
  request(
    name: string,
    options: { ifAvailable: true },
    run: (lock: unknown) => Promise<void>,
  ): Promise<unknown>;
}

/** What the page tells: that it is hidden (`final`: it goes away for good), that the network is back. */
export type Page = (hidden: (final: boolean) => void, online: () => void) => () => void;

/** Why an event will never be sent. */
export type DropReason = "queue_full" | "rejected" | "too_large" | "not_json";

export interface Drop {
  readonly id: string;
  readonly reason: DropReason;
  /** The collector's, of one that it rejected. */
  readonly code?: string;
}

export interface TrackerOptions {
  /** The collector's `/events`. */
  readonly url: string;
  /** With scope `write`. */
  readonly key: string;
  /** Where events wait over the end of a page or process. Default: localStorage where there is one, else memory alone. */
  readonly storage?: TrackerStorage;
  /** Longest wait of an event for others. Default 5,000. */
  readonly flushMs?: number;
  /** So many waiting are sent at once. Default 30. */
  readonly flushCount?: number;
  /** Of one request; a browser sends at most 64 KiB from a page that goes away. Default 500 and 60,000. */
  readonly batchCount?: number;
  readonly batchBytes?: number;
  /** Of the queue; beyond it the oldest are dropped, and told. Default 10,000 and 4,000,000 characters. */
  readonly maxEvents?: number;
  readonly maxChars?: number;
  /** Longest wait for an answer. Default 15,000. */
  readonly timeoutMs?: number;
  /** First and longest wait after a failure; half of each is chance. Default 1,000 and 300,000. */
  readonly backOffMs?: number;
  readonly mostBackOffMs?: number;
  /** A tab that says nothing for so long is gone, and another sends what it left. Default 120,000. */
  readonly leaseMs?: number;
  /** Fields of every event: `user_id`, `anonymous_id`, `session_id`, `context`. */
  readonly common?: Readonly<Record<string, unknown>>;
  readonly onDrop?: (drop: Drop) => void;
  readonly clock?: TrackerClock;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly newId?: () => string;
  readonly fetch?: typeof globalThis.fetch;
  /** Undefined: sent as it is. */
  readonly gzip?: ((text: string) => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  readonly page?: Page;
  readonly locks?: TrackerLocks | undefined;
}
