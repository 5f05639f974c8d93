// Sends events to a collector: every one arrives, or is told as dropped with a reason; at least once and always
// under the id it got when it was made, so that the collector's side counts it once.
import { newUuid, ownGzip, ownLocks, ownPage, ownStorage, systemClock } from "./defaults.ts";
import type { Drop, DropReason, TrackerOptions } from "./options.ts";
import { type Outcome, postEvents } from "./post-events.ts";
import { Queue, type Waiting } from "./queue.ts";

export interface TrackerStats {
  readonly tracked: number;
  readonly waiting: number;
  readonly accepted: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Events that wait, or waited, in memory alone: the storage did not take them. */
  readonly unsaved: number;
}

export interface Tracker {
  /** The event's id. `more`: further fields of the event, over those of all. */
  track(
    type: string,
    properties?: Readonly<Record<string, unknown>>,
    more?: Readonly<Record<string, unknown>>,
  ): string;
  /** Fields of every event from now on. */
  set(common: Readonly<Record<string, unknown>>): void;
  /** Sends what waits, unless it is too early to try again; how many wait afterwards. */
  flush(): Promise<number>;
  stats(): TrackerStats;
  /** Tries once more; what does not arrive stays in the storage for the next one. */
  close(): Promise<void>;
}

/** How long a page that went away may still be sending. */
const LEAVING_MS = 15_000;

export function createTracker(options: TrackerOptions): Tracker {
  const { flushMs = 5000, flushCount = 30, batchCount = 500, batchBytes = 60_000 } = options;
  const { backOffMs = 1000, mostBackOffMs = 300_000, leaseMs = 120_000 } = options;
  const { clock = systemClock, random = Math.random, onDrop } = options;
  const newId = options.newId ?? (() => newUuid(random));
  const dropped = { queue_full: 0, rejected: 0, too_large: 0, not_json: 0 };
  const encoder = new TextEncoder();
  let common = options.common ?? {};
  let [tracked, accepted, failures, notBeforeMs] = [0, 0, 0, 0];
  let most = batchCount;
  let closed = false;
  let sending: Promise<void> | undefined;
  let cancel = (): void => undefined;

  const drop = (id: string, reason: DropReason, code?: string): void => {
    dropped[reason]++;
    const told: Drop = code === undefined ? { id, reason } : { id, reason, code };
    try {
      onDrop?.(told);
    } catch {
      // What the page does with it is no reason to stop.
    }
  };
  const queue = new Queue({
    storage: "storage" in options ? options.storage : ownStorage(),
    locks: "locks" in options ? options.locks : ownLocks(),
    clock,
    tab: newUuid(random),
    maxEvents: options.maxEvents ?? 10_000,
    maxChars: options.maxChars ?? 4_000_000,
    leaseMs,
    onDrop: drop,
  });
  let gzip = "gzip" in options ? options.gzip : ownGzip();
  const post = (texts: readonly string[], leaving: boolean): Promise<Outcome> =>
    postEvents(
      {
        url: options.url,
        key: options.key,
        timeoutMs: options.timeoutMs ?? 15_000,
        clock,
        fetch: options.fetch ?? fetch,
        gzip,
      },
      texts,
      leaving,
    );

  /** The oldest, as many as one request takes. */
  function batchOf(maxCount: number): Waiting[] {
    const batch: Waiting[] = [];
    let sizeBytes = 0;
    for (const entry of queue.waiting.values()) {
      sizeBytes += encoder.encode(entry.text).length + 40;
      if (batch.length > 0 && (batch.length >= maxCount || sizeBytes > batchBytes)) break;
      batch.push(entry);
    }
    return batch;
  }

  function failed(afterMs: number): void {
    const longestMs = Math.min(mostBackOffMs, backOffMs * 2 ** Math.min(failures++, 20));
    notBeforeMs = clock.now() + Math.max(afterMs, longestMs * (0.5 + random() / 2));
  }

  function take(outcome: Outcome, batch: readonly Waiting[]): void {
    if (outcome.kind === "later") failed(outcome.afterMs);
    else if (outcome.kind === "plain") gzip = undefined;
    else if (outcome.kind === "smaller") {
      const [only] = batch;
      if (batch.length > 1) most = Math.ceil(batch.length / 2);
      else if (only && queue.delete(only.id)) drop(only.id, "too_large");
    } else {
      let again = 0;
      for (const [i, verdict] of outcome.verdicts.entries()) {
        const id = batch[i]?.id ?? "";
        if (verdict === "retry") again++;
        else if (queue.delete(id)) {
          if (verdict === "accepted") accepted++;
          else drop(id, "rejected", verdict.rejected);
        }
      }
      if (again < batch.length) failures = 0;
      if (again > 0) failed(outcome.afterMs);
      else {
        most = Math.min(batchCount, most * 2);
        notBeforeMs = clock.now() + outcome.afterMs;
      }
    }
  }

  async function sendAll(): Promise<void> {
    await queue.settle();
    while (queue.waiting.size > 0 && clock.now() >= notBeforeMs) {
      const batch = batchOf(most);
      for (const { id } of batch) queue.underWay.add(id);
      take(
        await post(
          batch.map((b) => b.text),
          false,
        ),
        batch,
      );
      for (const { id } of batch) queue.underWay.delete(id);
    }
  }

  /** One at a time. */
  function busy(work: () => Promise<void>): Promise<void> {
    sending ??= work().finally(() => {
      sending = undefined;
      plan();
    });
    return sending;
  }

  const send = (): Promise<void> => busy(sendAll);

  /** The next time to send, or to see what others have left. */
  function plan(): void {
    cancel();
    if (closed) return;
    const now = clock.now();
    const [oldest] = queue.waiting.values();
    const due = !oldest
      ? now + leaseMs
      : Math.max(queue.waiting.size >= flushCount ? now : oldest.atMs + flushMs, notBeforeMs);
    if (oldest) queue.lease();
    // Not longer than a third of a lease, nor, where the clock was set back, than it should be.
    cancel = clock.after(Math.max(0, Math.min(due - now, leaseMs / 3)), () => {
      const again = queue.waiting.size === 0 || clock.now() >= due;
      if (sending || !again) plan();
      else send();
    });
  }

  /** Also what is under way: a request of a page that goes away is cut off. */
  function hide(final: boolean): void {
    const batch = batchOf(batchCount);
    if (final) queue.lease(LEAVING_MS);
    if (batch.length > 0)
      post(
        batch.map((b) => b.text),
        true,
      ).then((outcome) => {
        if (outcome.kind === "answered") take(outcome, batch);
      });
  }

  const leavePage = (options.page ?? ownPage)(hide, () => {
    notBeforeMs = 0;
    if (!closed) send();
  });
  // What was left here before is sent with what comes.
  busy(() => queue.settle());

  return {
    track(type, properties, more) {
      const id = newId();
      tracked++;
      let text: string;
      try {
        const own = properties ? { properties } : {};
        const fields = { timestamp: Math.floor(clock.now()), ...common, ...own, ...more };
        text = JSON.stringify({ ...fields, event_id: id, event_type: type });
      } catch {
        drop(id, "not_json");
        return id;
      }
      queue.add(id, text);
      if (!sending) plan();
      return id;
    },
    set(fields) {
      common = { ...common, ...fields };
    },
    async flush() {
      // What was tracked while a batch was on its way is in the next.
      await sending;
      await send();
      return queue.waiting.size;
    },
    stats: () => ({
      tracked,
      waiting: queue.waiting.size,
      accepted,
      dropped: { ...dropped },
      unsaved: queue.unsaved,
    }),
    async close() {
      await sending;
      await send();
      closed = true;
      cancel();
      leavePage();
      queue.lease(1);
    },
  };
}
