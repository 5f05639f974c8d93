// The first phase of a read: positions, starts and the ledger, asked for at once. They come before the cells,
// among themselves in any order: a start read before its position leaves something missing that an answer of
// before did not have either, and a row of the ledger that is older than the position is found out by what was
// dropped. All that decides what an answer is made of; nothing of it depends on how much data there is.
import {
  type DayEntry,
  dayOf,
  type EpochMs,
  entryAsOf,
  type Position,
  type SpanGrain,
  type SpanRow,
  spanKey,
  type UtcDay,
  type ViewStore,
  type Window,
  windowEnd,
  windowStart,
} from "@tandem/shared-logic";
import type { Query } from "../query/query.ts";
import type { DayLedger, LedgerDay } from "./day-ledger.ts";

export interface Span {
  readonly window: Window;
  readonly grain: SpanGrain;
  readonly version: number;
  readonly row: SpanRow;
}

export interface Seam {
  readonly positions: readonly (Position | undefined)[];
  readonly starts: readonly (number | undefined)[];
  /** Every day that a window touches. */
  readonly days: ReadonlyMap<UtcDay, DayEntry | undefined>;
  /** Of the days' ledger rows. */
  readonly versions: ReadonlyMap<UtcDay, number>;
  /** Week and month rows of windows that are just that, whether they still count or not. */
  readonly spans: readonly Span[];
  /** Days whose run as of the moment asked for is gone. */
  readonly notKept?: readonly UtcDay[];
}

const NOW = { at: undefined };
const NO_ENTRY = { entry: undefined, gone: undefined };

export interface SeamPorts {
  readonly views: Pick<ViewStore, "positions" | "starts" | "ledger">;
  readonly ledger: DayLedger;
  readonly dataset: string;
}

/** Of one reading of positions and ledger, so that answers given together cannot contradict each other. */
export async function readSeams(
  ports: SeamPorts,
  queries: readonly Query[],
  partitions: number,
): Promise<Seam[]> {
  const { views, dataset } = ports;
  const fps = [...new Set(queries.map((q) => q.metric.fingerprint))];
  const days = [...new Set(queries.flatMap((q) => daysOf(q.from, q.until)))];
  const [positions, starts, ledger, spans] = await Promise.all([
    views.positions(dataset, partitions),
    Promise.all(fps.map((fp) => views.starts(dataset, fp, partitions))),
    ports.ledger.read(days),
    Promise.all(queries.map((q) => readSpans(ports, q))),
  ]);
  return queries.map((query, i) => ({
    positions,
    starts: starts[fps.indexOf(query.metric.fingerprint)] ?? [],
    spans: spans[i] ?? [],
    ...entriesOf(query, ledger),
  }));
}

function entriesOf(
  query: Query,
  ledger: ReadonlyMap<UtcDay, LedgerDay>,
): Pick<Seam, "days" | "versions" | "notKept"> {
  const fp = query.metric.fingerprint;
  const days = new Map<UtcDay, DayEntry | undefined>();
  const versions = new Map<UtcDay, number>();
  const notKept: UtcDay[] = [];
  for (const day of daysOf(query.from, query.until)) {
    const { version, row } = ledger.get(day) ?? { version: 0, row: undefined };
    const { entry, gone } = row ? entryAsOf(row, fp, query.asOf ?? NOW) : NO_ENTRY;
    days.set(day, query.layer === "speed" ? undefined : entry);
    versions.set(day, version);
    if (gone !== undefined) notKept.push(day);
  }
  return { days, versions, notKept };
}

export function daysOf(from: EpochMs, until: EpochMs): UtcDay[] {
  const days: UtcDay[] = [];
  for (let d = dayOf(from); d <= dayOf((until - 1) as EpochMs); d++) days.push(d as UtcDay);
  return days;
}

async function readSpans({ views, dataset }: SeamPorts, query: Query): Promise<Span[]> {
  const { metric, layer, windows } = query;
  if (metric.reducer.additive || layer === "speed") return [];
  const wanted = windows.flatMap((window) => {
    const grain = (["week", "month"] as const).find(
      (g) =>
        windowStart(window.from, g) === window.from && windowEnd(window.from, g) === window.until,
    );
    return grain ? [{ window, grain }] : [];
  });
  const rows = await Promise.all(
    wanted.map(({ window, grain }) =>
      views.ledger(spanKey(dataset, metric.fingerprint, grain, dayOf(window.from))),
    ),
  );
  return wanted.flatMap((span, i) => {
    const row = rows[i];
    return row ? [{ ...span, version: row.version, row: JSON.parse(row.value) as SpanRow }] : [];
  });
}

/** A span counts while its runs are the ledger's, and the days it does not list have none. */
export function spanCounts(seam: Seam, { window, row }: Span): boolean {
  return daysOf(window.from, window.until).every(
    (day) => seam.days.get(day)?.run === row.runs[day],
  );
}
