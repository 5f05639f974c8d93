// The run side in Cassandra: immutable rows under a run id, in slices that a register lists, so that a run
// is read back and removed without a scan.
import {
  type EpochMs,
  murmur2,
  RunChecksum,
  type RunQuery,
  type RunRow,
  type RunRowKey,
  type RunSum,
} from "@tandem/shared-logic";
import type { CassandraSession, Row } from "./cassandra-session.ts";
import { blob, int, text, textOrAbsent } from "./columns.ts";
import { eachLimited } from "./each-limited.ts";
import { partitionText, type Write, writeAll } from "./write-all.ts";

const READS_AT_ONCE = 32;
/** Slices streamed at once: each holds a page in memory. */
const STREAMS = 4;
const GROUPS_AT_ONCE = 50;
const REGISTER_BYTES = 150;
/** Stands for null where a value is text; no decimal is written so. */
const NO_VALUE = "null";

const KEY = `run = ? AND tenant = ? AND "set" = ? AND grain = ? AND slice = ?`;
const COLUMNS = "grp, start, events, skipped, value, state";
const REGISTER = `INSERT INTO run_slice (run, tenant, "set", grain, slice) VALUES (?, ?, ?, ?, ?)`;
const INSERT = `INSERT INTO run_row (run, tenant, "set", grain, slice, ${COLUMNS})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const SLICES = `SELECT tenant, "set", grain, slice FROM run_slice WHERE run = ?`;
const READ = `SELECT ${COLUMNS} FROM run_row WHERE ${KEY}`;
const READ_GROUPS = `${READ} AND grp IN ? AND start >= ? AND start < ?`;
const DELETE_SLICE = `DELETE FROM run_row WHERE ${KEY}`;
const FORGET = "DELETE FROM run_slice WHERE run = ?";

/** A metric's total is one slice; the groups of a set are spread over eight by their hash. */
const SLICES_OF_GROUPS = 8;
const slicesOf = (set: number): number => (set === 0 ? 1 : SLICES_OF_GROUPS);
const utf8 = new TextEncoder();
const sliceOf = (set: number, group: string): number =>
  set === 0 ? 0 : (murmur2(utf8.encode(group)) >>> 0) % SLICES_OF_GROUPS;

interface Slice extends Pick<RunRow, "tenant" | "set" | "grain"> {
  readonly run: string;
  readonly slice: number;
}
const keyOf = (s: Slice): readonly (string | number)[] => [
  s.run,
  s.tenant,
  s.set,
  s.grain,
  s.slice,
];

const rowText = (r: RunRowKey): string =>
  JSON.stringify([r.tenant, r.set, r.grain, r.startMs, r.group]);

export class CassandraRunViews {
  private readonly session: CassandraSession;

  constructor(session: CassandraSession) {
    this.session = session;
  }

  /** Registers are written anew by each call: `remove` may have taken them meanwhile. */
  async write(run: string, rows: readonly RunRow[]): Promise<void> {
    const registers = new Map<string, Write>();
    const writes = rows.map((row) => {
      const key = keyOf({ ...row, run, slice: sliceOf(row.set, row.group) });
      const write = insert(key, row);
      if (!registers.has(write.partition)) registers.set(write.partition, register(run, key));
      return write;
    });
    await writeAll(this.session, registers.values());
    await writeAll(this.session, writes);
  }

  async readBack(run: string): Promise<RunSum> {
    const sum = new RunChecksum();
    await eachLimited(await this.slices(run), STREAMS, async (slice) => {
      for await (const rows of this.session.pages(READ, keyOf(slice))) {
        for (const row of rows) sum.add(stored(slice, row));
      }
    });
    return sum.done();
  }

  async *scan(run: string): AsyncGenerator<readonly RunRow[]> {
    for (const slice of await this.slices(run)) {
      for await (const rows of this.session.pages(READ, keyOf(slice)))
        yield rows.map((row) => stored(slice, row));
    }
  }

  /** Through this process: CQL copies nothing by itself. */
  async copy(from: string, to: string, without: readonly RunRowKey[]): Promise<void> {
    const named = new Set(without.map(rowText));
    for await (const rows of this.scan(from)) {
      const kept = rows.filter((row) => !named.has(rowText(row)));
      if (kept.length > 0) await this.write(to, kept);
    }
  }

  async read(q: RunQuery): Promise<readonly RunRow[]> {
    if (q.from >= q.until) return [];
    const found: RunRow[] = [];
    await eachLimited(readsOf(q), READS_AT_ONCE, async ({ slice, groups }) => {
      const key = keyOf({ ...q, slice });
      const pages =
        groups === undefined
          ? this.session.pages(READ, key)
          : this.session.pages(READ_GROUPS, [...key, groups, q.from, q.until]);
      for await (const rows of pages) {
        for (const row of rows) {
          const startMs = int(row, "start");
          if (startMs >= q.from && startMs < q.until) found.push(stored(q, row));
        }
      }
    });
    return found;
  }

  /** Slices go before their register, so that a removal cut short finds them when it is repeated. */
  async remove(run: string): Promise<void> {
    await eachLimited(await this.slices(run), READS_AT_ONCE, async (slice) => {
      await this.session.execute(DELETE_SLICE, keyOf(slice));
    });
    await this.session.execute(FORGET, [run]);
  }

  private async slices(run: string): Promise<readonly Slice[]> {
    const slices: Slice[] = [];
    for await (const rows of this.session.pages(SLICES, [run])) {
      for (const row of rows) {
        slices.push({
          run,
          tenant: text(row, "tenant"),
          set: int(row, "set"),
          grain: text(row, "grain") as RunRow["grain"],
          slice: int(row, "slice"),
        });
      }
    }
    return slices;
  }
}

function* readsOf(q: RunQuery): Generator<{ slice: number; groups?: readonly string[] }> {
  if (q.groups === undefined) {
    for (let slice = 0; slice < slicesOf(q.set); slice++) yield { slice };
    return;
  }
  const bySlice = Map.groupBy(new Set(q.groups), (group) => sliceOf(q.set, group));
  for (const [slice, groups] of bySlice) {
    for (let i = 0; i < groups.length; i += GROUPS_AT_ONCE) {
      yield { slice, groups: groups.slice(i, i + GROUPS_AT_ONCE) };
    }
  }
}

const register = (run: string, key: readonly (string | number)[]): Write => ({
  partition: partitionText("run_slice", run),
  cql: REGISTER,
  params: key,
  sizeBytes: REGISTER_BYTES,
});

function insert(key: readonly (string | number)[], row: RunRow): Write {
  const { group, startMs, events, skipped, value, state } = row;
  const bytes = Buffer.from(state.buffer, state.byteOffset, state.byteLength);
  return {
    partition: partitionText("run_row", ...key),
    cql: INSERT,
    // An undefined value is no cell at all.
    params: [...key, group, startMs, events, skipped, value === null ? NO_VALUE : value, bytes],
    sizeBytes: 100 + group.length + state.length,
  };
}

function stored(of: Pick<RunRow, "tenant" | "set" | "grain">, row: Row): RunRow {
  const value = textOrAbsent(row, "value");
  return {
    tenant: of.tenant,
    set: of.set,
    group: text(row, "grp"),
    grain: of.grain,
    startMs: int(row, "start") as EpochMs,
    events: int(row, "events"),
    skipped: int(row, "skipped"),
    ...(value === undefined ? {} : { value: value === NO_VALUE ? null : value }),
    state: blob(row, "state"),
  };
}
