// Where a query has to look: the register's list of the slots and partitions that have rows. The list a
// query got last is remembered, so that the same query reads those places while it asks again; what the
// new list has beyond it is read then. Nothing is taken from memory but where to look.
import { dayOf, type EpochMs, type SpeedQuery } from "@tandem/shared-logic";
import type { CassandraSession } from "./cassandra-session.ts";
import { int } from "./columns.ts";
import { slotFrom, slotUntil } from "./speed-slots.ts";
import { partitionText } from "./write-all.ts";

export interface Place {
  readonly slot: number;
  readonly partition: number;
}

const REMEMBERED = 2_000;
const SLOTS = `SELECT partition, slot FROM speed_slot
  WHERE dataset = ? AND fp = ? AND tenant = ? AND "set" = ? AND day >= ? AND day <= ?`;

export class SpeedPlaces {
  private readonly session: CassandraSession;
  private readonly last = new Map<string, readonly Place[]>();

  constructor(session: CassandraSession) {
    this.session = session;
  }

  /** Calls `read` with the places of the query, in one or two lists that have none in common. */
  async each(q: SpeedQuery, read: (places: readonly Place[]) => Promise<void>): Promise<void> {
    const lastMs = (q.until - 1) as EpochMs;
    const key = [q.dataset, q.fp, q.tenant, q.set, dayOf(q.from), dayOf(lastMs)];
    const name = partitionText(...key);
    const known = this.last.get(name);
    const within = (places: readonly Place[]): readonly Place[] =>
      places.filter((p) => slotFrom(p.slot) < q.until && slotUntil(q.set, p.slot) > q.from);
    const [listed] = await Promise.all([this.list(key), known && read(within(known))]);
    this.remember(name, listed);
    const seen = new Set(known?.map(placeText));
    const more = within(listed).filter((place) => !seen.has(placeText(place)));
    if (more.length > 0) await read(more);
  }

  private async list(key: readonly (string | number)[]): Promise<readonly Place[]> {
    const places: Place[] = [];
    for await (const rows of this.session.pages(SLOTS, key)) {
      for (const row of rows) {
        places.push({ slot: int(row, "slot"), partition: int(row, "partition") });
      }
    }
    return places;
  }

  private remember(name: string, places: readonly Place[]): void {
    this.last.delete(name);
    this.last.set(name, places);
    if (this.last.size <= REMEMBERED) return;
    const oldest = this.last.keys().next();
    if (!oldest.done) this.last.delete(oldest.value);
  }
}

const placeText = ({ slot, partition }: Place): string => `${slot}/${partition}`;
