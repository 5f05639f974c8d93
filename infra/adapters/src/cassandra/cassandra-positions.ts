// Positions, which never move back, and starts, which are set once. Both cells of a position are written
// USING TIMESTAMP = themselves, so the highest stands. A start is written only where none is read; of two
// that race the higher stands, which claims less than was folded and never more.
import type { EpochMs, Fingerprint, Flush, Position } from "@tandem/shared-logic";
import type { CassandraSession } from "./cassandra-session.ts";
import { int } from "./columns.ts";
import { eachLimited } from "./each-limited.ts";

const STARTS_AT_ONCE = 16;
/** The same for all, so that Cassandra compares the values. */
const START_TIMESTAMP = 1;

const MOVE_TO = `UPDATE position USING TIMESTAMP ? SET "to" = ? WHERE dataset = ? AND partition = ?`;
const MOVE_AS_OF = `UPDATE position USING TIMESTAMP ? SET as_of = ? WHERE dataset = ? AND partition = ?`;
const POSITIONS = `SELECT partition, "to", as_of FROM position WHERE dataset = ? AND partition < ?`;
const START = "SELECT at FROM start WHERE dataset = ? AND fp = ? AND partition = ?";
const STARTS = "SELECT partition, at FROM start WHERE dataset = ? AND fp = ? AND partition < ?";
const SET_START = `INSERT INTO start (dataset, fp, partition, at) VALUES (?, ?, ?, ?)
  USING TIMESTAMP ${START_TIMESTAMP}`;

export class CassandraPositions {
  private readonly session: CassandraSession;

  constructor(session: CassandraSession) {
    this.session = session;
  }

  /** One mutation: nobody sees `to` without its `asOf`. */
  async move({ dataset, partition, to, asOf }: Flush): Promise<void> {
    await this.session.batch([
      { cql: MOVE_TO, params: [to, to, dataset, partition] },
      { cql: MOVE_AS_OF, params: [asOf, asOf, dataset, partition] },
    ]);
  }

  async positions(dataset: string, partitions: number): Promise<readonly (Position | undefined)[]> {
    const found = new Array<Position | undefined>(partitions).fill(undefined);
    for await (const rows of this.session.pages(POSITIONS, [dataset, partitions])) {
      for (const row of rows) {
        found[int(row, "partition")] = { to: int(row, "to"), asOf: int(row, "as_of") as EpochMs };
      }
    }
    return found;
  }

  async setStarts({ dataset, partition, starts }: Flush): Promise<void> {
    await eachLimited(starts, STARTS_AT_ONCE, async ({ fp, at }) => {
      const key = [dataset, fp, partition];
      if ((await this.session.run(START, key)).length > 0) return;
      await this.session.execute(SET_START, [...key, at]);
    });
  }

  async starts(
    dataset: string,
    fp: Fingerprint,
    partitions: number,
  ): Promise<readonly (number | undefined)[]> {
    const found = new Array<number | undefined>(partitions).fill(undefined);
    for await (const rows of this.session.pages(STARTS, [dataset, fp, partitions])) {
      for (const row of rows) found[int(row, "partition")] = int(row, "at");
    }
    return found;
  }
}
