// Notifications as records of an event log, one dataset per kind: gathered for a moment, appended by
// key, and dropped where the log does not take them.
import {
  type AppendRecord,
  type Clock,
  type EventLog,
  NOTIFICATION_KINDS,
  type NotificationKind,
  type Notifications,
  partitionOf,
} from "@tandem/shared-logic";

export interface LogNotificationsOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly datasetOf: (kind: NotificationKind) => string;
  /** Notes that wait or are under way; 8 MB unless given. */
  readonly maxWaitingBytes?: number;
  /** How long a note waits for others; 20 unless given. */
  readonly gatherMs?: number;
}

interface Note {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const NOTE_OVERHEAD_BYTES = 64;
/** `close` waits no longer for what is under way. */
const CLOSE_MS = 1000;

export class LogNotifications implements Notifications {
  readonly dropped: Record<NotificationKind, number> = {
    late_events: 0,
    dead_letters: 0,
    aggregates: 0,
  };
  private readonly options: Required<LogNotificationsOptions>;
  private readonly waiting = new Map<NotificationKind, Note[]>();
  private readonly partitions = new Map<NotificationKind, number>();
  private waitingBytes = 0;
  private draining: Promise<void> | undefined;
  private closed = false;

  constructor(options: LogNotificationsOptions) {
    this.options = { maxWaitingBytes: 8 * 1024 * 1024, gatherMs: 20, ...options };
  }

  publish(kind: NotificationKind, key: Uint8Array, value: Uint8Array): void {
    const sizeBytes = sizeOf({ key, value });
    if (this.closed || this.waitingBytes + sizeBytes > this.options.maxWaitingBytes) {
      this.dropped[kind]++;
      return;
    }
    this.waitingBytes += sizeBytes;
    const notes = this.waiting.get(kind) ?? [];
    notes.push({ key: key.slice(), value: value.slice() });
    this.waiting.set(kind, notes);
    this.draining ??= this.drain();
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.draining === undefined) return;
    const stop = new AbortController();
    const late = this.options.clock.sleep(CLOSE_MS, stop.signal).catch(() => undefined);
    await Promise.race([this.draining, late]);
    stop.abort();
  }

  private async drain(): Promise<void> {
    await this.options.clock.sleep(this.options.gatherMs);
    while (this.waiting.size > 0) {
      for (const kind of NOTIFICATION_KINDS) {
        const notes = this.waiting.get(kind) ?? [];
        this.waiting.delete(kind);
        if (notes.length > 0) await this.send(kind, notes);
      }
    }
    this.draining = undefined;
  }

  /** Never throws: whatever is wrong, the notes are dropped. */
  private async send(kind: NotificationKind, notes: readonly Note[]): Promise<void> {
    const { log, datasetOf } = this.options;
    let arrived = 0;
    try {
      const dataset = datasetOf(kind);
      const partitions = this.partitions.get(kind) ?? (await log.partitions(dataset));
      if (partitions > 0) {
        this.partitions.set(kind, partitions);
        const records = notes.map(
          ({ key, value }): AppendRecord => ({
            partition: partitionOf(key, partitions),
            key,
            value,
          }),
        );
        arrived = (await log.append(dataset, records)).filter((result) => result.ok).length;
      }
    } catch {
      // Counted below.
    }
    this.dropped[kind] += notes.length - arrived;
    this.waitingBytes -= notes.reduce((sum, note) => sum + sizeOf(note), 0);
  }
}

const sizeOf = ({ key, value }: Note): number => key.length + value.length + NOTE_OVERHEAD_BYTES;
