// Events that wait: in memory, and a copy of each under a key of its own in the storage, so that tabs never write
// the same key. Each tab sends its own; what a tab that is gone has left, another one takes over. A copy is taken
// over before the old one is removed: cut short in between, the event is there twice under one id, never not at all.
import type { DropReason, TrackerClock, TrackerLocks, TrackerStorage } from "./options.ts";

export interface Waiting {
  readonly id: string;
  /** JSON, without `sent_at`. */
  readonly text: string;
  readonly atMs: number;
  /** Being written; undefined: written, or never will be. */
  saving?: Promise<void> | undefined;
  /** The storage has it. */
  saved?: boolean;
}

export interface QueueParts {
  readonly storage: TrackerStorage | undefined;
  readonly locks: TrackerLocks | undefined;
  readonly clock: TrackerClock;
  readonly tab: string;
  readonly maxEvents: number;
  readonly maxChars: number;
  readonly leaseMs: number;
  readonly onDrop: (id: string, reason: DropReason) => void;
}

const PREFIX = "tandem:";
/** A storage that does not answer holds up nothing longer. */
const PATIENCE_MS = 2000;

export class Queue {
  /** By id, the oldest first. */
  readonly waiting = new Map<string, Waiting>();
  /** Not to be dropped: on their way. */
  readonly underWay = new Set<string>();
  /** Events that the storage did not take; they wait in memory alone. */
  unsaved = 0;
  private readonly parts: QueueParts;
  private chars = 0;
  private leasedMs = Number.NEGATIVE_INFINITY;
  /** It slept so long that another tab may have taken over what it has. */
  private wasGone = false;

  constructor(parts: QueueParts) {
    this.parts = parts;
  }

  add(id: string, text: string): void {
    const { maxChars, maxEvents, onDrop, clock } = this.parts;
    if (text.length > maxChars) {
      onDrop(id, "too_large");
      return;
    }
    for (const oldest of this.waiting.keys()) {
      if (this.waiting.size < maxEvents && this.chars + text.length <= maxChars) break;
      if (!this.underWay.has(oldest) && this.delete(oldest)) onDrop(oldest, "queue_full");
    }
    const entry: Waiting = { id, text, atMs: clock.now() };
    this.keep(entry);
    this.lease();
  }

  /** False where it was not there. */
  delete(id: string): boolean {
    const entry = this.waiting.get(id);
    if (!entry) return false;
    this.waiting.delete(id);
    this.chars -= entry.text.length;
    const remove = (): void => this.quietly((s) => s.remove(this.keyOf(id)));
    if (entry.saving) entry.saving.then(remove);
    else if (entry.saved) remove();
    return true;
  }

  /** Says that this tab is there, for `leaseMs` unless given. */
  lease(ms = this.parts.leaseMs): void {
    const { clock, leaseMs, tab } = this.parts;
    const now = clock.now();
    const sinceMs = Math.abs(now - this.leasedMs);
    if (ms === leaseMs && sinceMs < leaseMs / 3) return;
    if (ms !== leaseMs || (sinceMs >= leaseMs && Number.isFinite(sinceMs))) this.wasGone = true;
    this.leasedMs = ms === leaseMs ? now : Number.NEGATIVE_INFINITY;
    this.quietly((s) => s.set(`${PREFIX}tab:${tab}`, String(now + ms)));
  }

  /** Gives up what another tab has taken over, and takes over what tabs have left that are gone. */
  async settle(): Promise<void> {
    const { storage, locks } = this.parts;
    if (!storage) return;
    if (this.waiting.size > 0) this.lease();
    // Before the keys are read: what comes meanwhile is not among them. What is missing without having slept was
    // taken from the storage alone, and is still to be sent.
    const slept = this.wasGone ? [...this.waiting.values()].filter((e) => e.saved) : [];
    const kept = await this.patiently(() => storage.keys());
    if (!kept) return;
    const keys = new Set(kept);
    for (const { id } of slept)
      if (!keys.has(this.keyOf(id)) && !this.underWay.has(id)) this.delete(id);
    this.wasGone = false;
    const others = kept.filter(
      (k) => k.startsWith(`${PREFIX}event:`) && !k.startsWith(this.keyOf("")),
    );
    if (others.length === 0) return;
    if (!locks) return this.adopt(storage, others);
    const held = async (lock: unknown): Promise<void> => {
      if (lock) await this.adopt(storage, others);
    };
    await this.patiently(() => locks.request(`${PREFIX}adopt`, { ifAvailable: true }, held));
  }

  private async adopt(storage: TrackerStorage, keys: readonly string[]): Promise<void> {
    const { clock, leaseMs, maxChars, maxEvents } = this.parts;
    const gone = new Map<string, boolean>();
    for (const key of keys) {
      const [, , tab = "", ...rest] = key.split(":");
      const id = rest.join(":");
      if (!gone.has(tab)) {
        const until = Number(await this.patiently(() => storage.get(`${PREFIX}tab:${tab}`)));
        const leftMs = until - clock.now();
        // A lease far ahead was written under another clock.
        gone.set(tab, !(leftMs > 0 && leftMs < 2 * leaseMs));
      }
      if (!gone.get(tab) || this.waiting.size >= maxEvents) continue;
      const text = await this.patiently(() => storage.get(key));
      if (typeof text !== "string" || this.chars + text.length > maxChars) continue;
      if (!this.waiting.has(id)) this.keep({ id, text, atMs: clock.now() });
      const entry = this.waiting.get(id);
      await entry?.saving;
      if (!entry || entry.saved) this.quietly((s) => s.remove(key));
    }
    // Its lease is of no use any more; where one of its events had to stay, it counts as gone without.
    for (const [tab, isGone] of gone)
      if (isGone) this.quietly((s) => s.remove(`${PREFIX}tab:${tab}`));
    this.lease();
  }

  private keep(entry: Waiting): void {
    const { id, text } = entry;
    this.waiting.set(id, entry);
    this.chars += text.length;
    const failed = (): void => {
      entry.saving = undefined;
      this.unsaved++;
    };
    const { storage } = this.parts;
    if (!storage) return;
    try {
      // A page may end any moment: where the storage is at once, so is this.
      const saving = storage.set(this.keyOf(id), text);
      if (saving)
        entry.saving = saving.then(() => {
          entry.saving = undefined;
          entry.saved = true;
        }, failed);
      else entry.saved = true;
    } catch {
      failed();
    }
  }

  private keyOf(id: string): string {
    return `${PREFIX}event:${this.parts.tab}:${id}`;
  }

  /** What fails here is found out when it is read. */
  private quietly(run: (storage: TrackerStorage) => void | Promise<void>): void {
    const { storage } = this.parts;
    try {
      if (storage) Promise.resolve(run(storage)).catch(() => undefined);
    } catch {
      // As above.
    }
  }

  private async patiently<T>(run: () => T | Promise<T>): Promise<T | undefined> {
    let stop = (): void => undefined;
    try {
      const late = new Promise<undefined>((resolve) => {
        stop = this.parts.clock.after(PATIENCE_MS, () => resolve(undefined));
      });
      return await Promise.race([run(), late]);
    } catch {
      return undefined;
    } finally {
      stop();
    }
  }
}
