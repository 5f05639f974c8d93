// Cells read ahead: while positions, starts and ledger are asked for once more, the cells are read already, going
// on from the seam of the reading before. They count only where the new seam says just the same. Then they were
// read behind a seam that still stood afterwards, in the order the seam asks for: positions never move back and
// the ledger's versions only grow, so nothing moved in between. Else they are thrown away and read again.
//
// Read ahead is only what stood still when it was last looked at (while events flow, every flush moves a position,
// and it would only double the reading), and whose cells were wanted then: an answer may be known by its tag.
import type { UtcDay } from "@tandem/shared-logic";
import { Lru } from "../lru.ts";
import type { CellQuery } from "./cell-query.ts";
import { type CellPorts, type Cells, readCells } from "./read-cells.ts";
import type { ReadAheadPort, Seam } from "./seam.ts";

const REMEMBERED = 1_000;
/** Of longer ranges nothing is remembered. */
const MOST_DAYS = 100;

export type Dropped = ReadonlyMap<UtcDay, readonly number[]>;
export type ReadDropped = (query: CellQuery, partitions: number) => Promise<Dropped>;

interface Known {
  readonly seam: Seam;
  readonly text: string;
  readonly stood: boolean;
  wanted: boolean;
  /** What was last read as dropped. */
  dropped: Dropped | undefined;
}

export const knownSeams = (): Lru<Known> => new Lru(REMEMBERED);

/** Cells under way, and what the seam that they go on from says. */
interface Ahead {
  readonly text: string;
  readonly cells: Promise<Cells<Dropped>>;
}

export class ReadAhead implements ReadAheadPort<Cells<Dropped>> {
  private readonly known: Lru<Known>;
  private readonly ports: CellPorts;
  private readonly readDropped: ReadDropped;
  private readonly always: boolean;

  /** `always`: also what did not stand still, or was not wanted. `known`: of another, whose reading is gone on from. */
  constructor(
    ports: CellPorts,
    readDropped: ReadDropped,
    { always = false, known = knownSeams() }: { always?: boolean; known?: Lru<Known> } = {},
  ) {
    this.known = known;
    this.ports = ports;
    this.readDropped = readDropped;
    this.always = always;
  }

  begin(query: CellQuery): Ahead | undefined {
    const known = this.known.get(keyOf(query));
    if (!known || !(this.always || (known.stood && known.wanted))) return undefined;
    known.wanted = false;
    const { seam } = known;
    const cells = readCells(this.ports, query, seam, () =>
      this.readDropped(query, seam.positions.length),
    );
    // Perhaps nobody waits for it.
    cells.catch(() => undefined);
    return { text: known.text, cells };
  }

  seen(query: CellQuery, seam: Seam, ahead: Ahead | undefined): Ahead["cells"] | undefined {
    if (seam.days.size > MOST_DAYS) return undefined;
    const key = keyOf(query);
    const text = seamText(seam);
    const { text: before, wanted = false, dropped } = this.known.get(key) ?? {};
    this.known.set(key, { seam, text, stood: before === text, wanted, dropped });
    return ahead?.text === text ? ahead.cells : undefined;
  }

  /** The cells of the query were asked for; what was dropped of them the last time. */
  wanted(query: CellQuery): Dropped | undefined {
    const known = this.known.get(keyOf(query));
    if (known) known.wanted = true;
    return known?.dropped;
  }

  dropped(query: CellQuery, dropped: Dropped): void {
    const known = this.known.get(keyOf(query));
    if (known) known.dropped = dropped;
  }
}

/** All that the reading of cells depends on, and all that may move while it goes on. */
const seamText = ({ positions, starts, days, versions, spans, notKept }: Seam): string =>
  JSON.stringify([
    positions.map((p) => p?.to ?? null),
    starts.map((s) => s ?? null),
    [...versions],
    [...days].map(([day, entry]) => [day, entry?.run, entry?.v]),
    spans.map(({ window, version }) => [window.from, version]),
    notKept,
  ]);

function keyOf(query: CellQuery): string {
  const { metric, layer, from, until, grain, tz, asOf, tenant, set, groups, union } = query;
  const cells = [tenant, set, groups, union?.text, union?.merges];
  return JSON.stringify([metric.fingerprint, layer, from, until, grain, tz, asOf?.text, cells]);
}
