// A keyspace carries the version of its format: another one is refused, with the way forward.
import { TandemError } from "@tandem/shared-logic";
import type { CassandraSession } from "./cassandra-session.ts";
import { missingKeyspace } from "./driver-errors.ts";
import { FORMAT_ROW, META_TABLE, VIEW_CHANGES, VIEW_FORMAT } from "./view-tables.ts";

/** Undefined where the keyspace has no version: its creation was not finished. */
export async function formatOf(
  session: CassandraSession,
  keyspace: string,
): Promise<string | undefined> {
  const cql = `SELECT value FROM ${keyspace}.${META_TABLE} WHERE name = ?`;
  const [row] = await session.run(cql, [FORMAT_ROW]);
  return row && String(row["value"]);
}

/** Whether `found` is of before and can be changed into what this program knows. */
export const isChangeable = (found: string): boolean =>
  Number(found) < VIEW_FORMAT && Number(found) in VIEW_CHANGES;

export function otherFormat(keyspace: string, found: string): TandemError {
  const older = Number(found) < VIEW_FORMAT;
  const way = isChangeable(found)
    ? "Stop the processes of the older version, then run `tandem setup`, which changes it."
    : older
      ? "Create a new keyspace and let both layers fill it from the archive, or use the version of the program that wrote it."
      : "Use the version of the program that wrote it, or a newer one.";
  return new TandemError("format_version", {
    message: `cassandra.keyspace: "${keyspace}" has views of format ${found}, this program knows format ${VIEW_FORMAT}. ${way}`,
    details: { keyspace, found, known: VIEW_FORMAT },
  });
}

/** For everybody but who creates it. */
export async function requireKeyspace(session: CassandraSession): Promise<void> {
  const { keyspace } = session.options;
  const found = await formatOf(session, keyspace);
  if (found === undefined) throw missingKeyspace(session.options);
  if (found !== String(VIEW_FORMAT)) throw otherFormat(keyspace, found);
}
