// Remembers what the collector did not take and adds it to the ledger now and then. Never on a request's way: a store
// that does not answer costs nothing here, and what could not be written is kept for the next time.
import {
  addShed,
  type Clock,
  dayOf,
  NOTHING_SHED,
  plusShed,
  type ShedCounts,
  type StopSignal,
  UNKNOWN_TENANT,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";

/** Told of each answer that sends events away. */
export interface ShedNotes {
  /** `tenant` undefined: refused before the key was known. */
  note(tenant: string | undefined, counts: ShedCounts): void;
}

export interface ShedBookParts {
  readonly views: Pick<ViewStore, "ledger" | "cas">;
  readonly clock: Clock;
  readonly dataset: string;
  /** Told where counts wait because the store does not answer. */
  readonly onError?: (error: unknown, where: string) => void;
}

const EVERY_MS = 10_000;

export class ShedBook implements ShedNotes {
  private readonly parts: ShedBookParts;
  private days = new Map<UtcDay, Map<string, ShedCounts>>();

  constructor(parts: ShedBookParts) {
    this.parts = parts;
  }

  note(tenant: string | undefined, counts: ShedCounts): void {
    this.add(dayOf(this.parts.clock.now()), tenant ?? UNKNOWN_TENANT, counts);
  }

  /** Writes until the signal aborts, and a last time then. */
  async run(signal: StopSignal): Promise<void> {
    while (!signal.aborted) {
      await this.parts.clock.sleep(EVERY_MS, signal).catch(() => undefined);
      await this.write();
    }
  }

  async write(): Promise<void> {
    const { views, dataset, onError } = this.parts;
    const days = this.days;
    this.days = new Map();
    for (const [day, tenants] of days) {
      try {
        if (await addShed(views, dataset, day, tenants)) continue;
      } catch (error) {
        onError?.(error, "shed");
      }
      for (const [tenant, counts] of tenants) this.add(day, tenant, counts);
    }
  }

  private add(day: UtcDay, tenant: string, counts: ShedCounts): void {
    const tenants = this.days.get(day) ?? new Map<string, ShedCounts>();
    this.days.set(day, tenants);
    tenants.set(tenant, plusShed(tenants.get(tenant) ?? NOTHING_SHED, counts));
  }
}
