// Watches what is written to the view store: speed rows are folds of just their range (I5), V goes back
// only by rollback (I3), a run id never stands for two contents (I6). Remembers rollbacks and run values.
import {
  type DayRow,
  decodeBlock,
  EMPTY_DAY,
  type Fingerprint,
  formatDecimal,
  GRAIN_MS,
  type RunRow,
  type SpeedRow,
  UNCHECKED,
  type ViewStore,
} from "@tandem/shared-logic";
import { changed } from "./port-wrappers.ts";
import { metricOf, questionOf } from "./seam-metrics.ts";
import { blockOfEvent, isEvent, type Told, type ToldEvent, truth } from "./told-log.ts";
import { fail } from "./violation.ts";

export class Watch {
  readonly log: readonly Told[][];
  /** Rollbacks so far, by fingerprint and day. */
  readonly rollbacks = new Map<string, number>();
  /** Every run that was ever published, by fingerprint and day. */
  readonly published = new Map<string, { run: string; v: readonly number[] }[]>();
  private readonly runRows = new Map<string, Map<string, string>>();
  private readonly runValues = new Map<string, string | null>();

  constructor(log: readonly Told[][]) {
    this.log = log;
  }

  views(base: ViewStore): ViewStore {
    return changed(base, {
      flush: (f) => {
        for (const row of f.rows) this.speedRow(f.partition, row);
        return base.flush(f);
      },
      cas: async (key, version, value) => {
        const before = await base.ledger(key);
        const done = await base.cas(key, version, value);
        if (done && key.startsWith("day/"))
          this.dayRow(
            key,
            before ? (JSON.parse(before.value) as DayRow) : EMPTY_DAY,
            JSON.parse(value) as DayRow,
          );
        return done;
      },
      writeRun: (run, rows) => {
        for (const row of rows) this.runRow(run, row);
        return base.writeRun(run, rows);
      },
      copyRun: async (from, to, without) => {
        const keys = new Set(
          without.map((r) => `${r.set}|${r.grain}|${r.startMs}|${r.tenant}|${r.group}`),
        );
        for await (const rows of base.scanRun(from)) {
          for (const row of rows) {
            const key = `${row.set}|${row.grain}|${row.startMs}|${row.tenant}|${row.group}`;
            if (!keys.has(key)) this.runRow(to, row);
          }
        }
        await base.copyRun(from, to, without);
      },
    });
  }

  /** The value that a run stores for a window; undefined where it has no row. */
  storedValue(run: string, grain: string, startMs: number): string | null | undefined {
    return this.runValues.get(`${run}|${grain}|${startMs}`);
  }

  private speedRow(p: number, row: SpeedRow): void {
    const metric = metricOf(row.fp);
    const log = this.log[p] ?? [];
    const where = `row of ${row.fp} at ${row.startMs} of p${p} [${row.segment},${row.to}) doubt ${row.doubt}`;
    if (!metric) fail("I5", `${where}: no such metric`);
    const behind = log[row.segment - 1];
    if (row.segment > 0 && (behind === undefined || isEvent(behind)))
      fail("I5", `${where}: the segment does not start behind a cut`);
    const own = log
      .slice(row.segment, row.to)
      .filter((e): e is ToldEvent => isEvent(e) && e.first && blockOfEvent(e) === row.startMs)
      .filter((e) => (e.unchecked ? UNCHECKED : 0) === row.doubt);
    const { approx, grains } = metric.reducer;
    const cellMs = GRAIN_MS[grains[0] ?? "hour"];
    const cells = decodeBlock(row.state);
    let seen = 0;
    for (const c of cells) {
      const from = row.startMs + c.cell * cellMs;
      const inCell = own.filter((e) => e.timeMs >= from && e.timeMs < from + cellMs);
      const window = { from, until: from + cellMs } as Parameters<
        typeof approx.present
      >[1]["window"];
      const { value } = approx.present(approx.decode(c.state), { window, events: c.events });
      const got = value === null ? "null" : formatDecimal(value);
      const expected = truth(questionOf(metric), inCell, from, from + cellMs);
      if (got !== expected || c.events !== inCell.length)
        fail(
          "I5",
          `${where} says ${got} of ${c.events} events, its range holds ${expected} of ${inCell.length}`,
        );
      seen += c.events;
    }
    if (seen !== own.length || seen !== row.events)
      fail("I5", `${where} has ${row.events} events, its range holds ${own.length}`);
  }

  private dayRow(key: string, before: DayRow, after: DayRow): void {
    const day = key.slice(key.lastIndexOf("/") + 1);
    for (const [fp, entry] of Object.entries(after.entries)) {
      const all = this.published.get(`${fp}|${day}`) ?? [];
      if (!all.some((r) => r.run === entry.run)) all.push({ run: entry.run, v: entry.v });
      this.published.set(`${fp}|${day}`, all);
    }
    for (const [fp, was] of Object.entries(before.entries)) {
      const is = after.entries[fp as Fingerprint];
      if (is?.pinned === true && was.run !== is.run) {
        this.rollbacks.set(`${fp}|${day}`, (this.rollbacks.get(`${fp}|${day}`) ?? 0) + 1);
      } else if (!is?.v.every((v, p) => v >= (was.v[p] ?? 0))) {
        fail("I3", `V of ${fp} on day ${day} went from ${String(was.v)} to ${String(is?.v)}`);
      }
    }
  }

  private runRow(run: string, row: RunRow): void {
    const key = `${row.tenant}|${row.set}|${row.group}|${row.grain}|${row.startMs}`;
    const body = `${row.events}|${row.skipped}|${row.value}|${Buffer.from(row.state).toString("hex")}`;
    const rows = this.runRows.get(run) ?? new Map<string, string>();
    this.runRows.set(run, rows);
    if ((rows.get(key) ?? body) !== body) fail("I6", `run ${run} has two contents at ${key}`);
    rows.set(key, body);
    if (row.value !== undefined)
      this.runValues.set(`${run}|${row.grain}|${row.startMs}`, row.value);
  }
}
