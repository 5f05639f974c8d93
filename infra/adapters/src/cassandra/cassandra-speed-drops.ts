// What was dropped, recorded before it is deleted. A drop is one tombstone a partition: USING TIMESTAMP =
// its limit it deletes just the rows whose `to` is at or below the limit, so rows of later segments,
// also ones written at the same moment, are beyond it without being read.
import { type Fingerprint, type UtcDay, utcDay } from "@tandem/shared-logic";
import type { CassandraSession } from "./cassandra-session.ts";
import { blob, int, text } from "./columns.ts";
import { eachLimited } from "./each-limited.ts";
import { decodeBody } from "./speed-body.ts";
import { type SpeedSlot, slotKey } from "./speed-slots.ts";
import { partitionText, type Write, writeAll } from "./write-all.ts";

/** Days of one partition of `dropped`. */
const ERA_DAYS = 256;
const DROPS_AT_ONCE = 16;
const RECORD_BYTES = 150;

const RECORD = `INSERT INTO dropped (dataset, fp, era, day, partition, below) VALUES (?, ?, ?, ?, ?, ?)
  USING TIMESTAMP ?`;
const RECORDED = `SELECT day, partition, below FROM dropped
  WHERE dataset = ? AND fp = ? AND era = ? AND day >= ? AND day < ?`;
const SERIES = `SELECT tenant, "set", slot FROM speed_series
  WHERE dataset = ? AND fp = ? AND day = ? AND partition = ?`;
const KEY = `dataset = ? AND fp = ? AND tenant = ? AND "set" = ? AND slot = ? AND partition = ?`;
const DELETE_PARTITION = `DELETE FROM speed USING TIMESTAMP ? WHERE ${KEY}`;
const LEFT = `SELECT grp, start, segment, doubt, body FROM speed WHERE ${KEY}`;
const DELETE_ROW = `DELETE FROM speed USING TIMESTAMP ?
  WHERE ${KEY} AND grp = ? AND start = ? AND segment = ? AND doubt = ?`;
const FORGET_SLOT = `DELETE FROM speed_slot USING TIMESTAMP ?
  WHERE dataset = ? AND fp = ? AND tenant = ? AND "set" = ? AND day = ? AND partition = ?`;
const FORGET_SERIES = `DELETE FROM speed_series USING TIMESTAMP ?
  WHERE dataset = ? AND fp = ? AND day = ? AND partition = ?`;

export class CassandraSpeedDrops {
  private readonly session: CassandraSession;

  constructor(session: CassandraSession) {
    this.session = session;
  }

  async dropped(
    dataset: string,
    fp: Fingerprint,
    from: UtcDay,
    until: UtcDay,
    partitions: number,
  ): Promise<ReadonlyMap<UtcDay, readonly number[]>> {
    const days = new Map<UtcDay, number[]>();
    for (let day = from; day < until; day = utcDay(day + 1)) {
      days.set(day, new Array<number>(partitions).fill(0));
    }
    await eachLimited(erasOf(from, until), DROPS_AT_ONCE, async (era) => {
      for await (const rows of this.session.pages(RECORDED, [dataset, fp, era, from, until])) {
        for (const row of rows) {
          const below = days.get(utcDay(int(row, "day")));
          const partition = int(row, "partition");
          if (below !== undefined && partition < partitions) below[partition] = int(row, "below");
        }
      }
    });
    return days;
  }

  /** What an earlier drop recorded and was killed before deleting goes with it. */
  async drop(
    dataset: string,
    fp: Fingerprint,
    day: UtcDay,
    below: readonly number[],
  ): Promise<void> {
    await writeAll(this.session, recordsOf(dataset, fp, day, below));
    const recorded = await this.recorded(dataset, fp, day);
    for (const [partition, limit] of recorded) {
      await this.dropPartition(dataset, fp, day, partition, limit);
    }
  }

  private async recorded(
    dataset: string,
    fp: Fingerprint,
    day: UtcDay,
  ): Promise<readonly (readonly [partition: number, limit: number])[]> {
    const limits: [number, number][] = [];
    const key = [dataset, fp, eraOf(day), day, day + 1];
    for await (const rows of this.session.pages(RECORDED, key)) {
      for (const row of rows) limits.push([int(row, "partition"), int(row, "below")]);
    }
    return limits;
  }

  /** Registers go last, so that a drop cut short finds its slots when it is repeated. */
  private async dropPartition(
    dataset: string,
    fp: Fingerprint,
    day: UtcDay,
    partition: number,
    limit: number,
  ): Promise<void> {
    for await (const rows of this.session.pages(SERIES, [dataset, fp, day, partition])) {
      await eachLimited(rows, DROPS_AT_ONCE, async (row) => {
        const [tenant, set] = [text(row, "tenant"), int(row, "set")];
        await this.dropSlot({ dataset, fp, tenant, set, slot: int(row, "slot"), partition }, limit);
        const series = [dataset, fp, tenant, set, day, partition];
        await this.session.execute(FORGET_SLOT, [limit, ...series]);
      });
    }
    await this.session.execute(FORGET_SERIES, [limit, dataset, fp, day, partition]);
  }

  private async dropSlot(slot: SpeedSlot, limit: number): Promise<void> {
    const key = slotKey(slot);
    await this.session.execute(DELETE_PARTITION, [limit, ...key]);
    // A limit inside a segment, which no cut gives, leaves rows whose `to` is above it.
    for await (const rows of this.session.pages(LEFT, key)) {
      const gone = rows.filter((row) => int(row, "segment") < limit);
      await writeAll(
        this.session,
        gone.map((row) => ({
          partition: partitionText("speed", ...key),
          cql: DELETE_ROW,
          params: [
            decodeBody(blob(row, "body")).to,
            ...key,
            text(row, "grp"),
            int(row, "start"),
            int(row, "segment"),
            int(row, "doubt"),
          ],
          sizeBytes: RECORD_BYTES,
        })),
      );
    }
  }
}

const eraOf = (day: UtcDay): number => Math.floor(day / ERA_DAYS);

function* erasOf(from: UtcDay, until: UtcDay): Generator<number> {
  if (from >= until) return;
  for (let era = eraOf(from); era <= eraOf(utcDay(until - 1)); era++) yield era;
}

/** The highest limit stands: it is the timestamp too. */
function* recordsOf(
  dataset: string,
  fp: Fingerprint,
  day: UtcDay,
  below: readonly number[],
): Generator<Write> {
  const era = eraOf(day);
  for (const [partition, limit] of below.entries()) {
    if (limit <= 0) continue;
    yield {
      partition: partitionText("dropped", dataset, fp, era),
      cql: RECORD,
      params: [dataset, fp, era, day, partition, limit, limit],
      sizeBytes: RECORD_BYTES,
    };
  }
}
