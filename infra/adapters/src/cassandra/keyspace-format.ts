// A keyspace carries the version of its format: another one is refused, with the way forward.
import { TandemError } from "@tandem/shared-logic";
import type { CassandraSession } from "./cassandra-session.ts";
import { missingKeyspace } from "./driver-errors.ts";
import { FORMAT_ROW, META_TABLE, VIEW_FORMAT } from "./view-tables.ts";

/** False where the keyspace has no version: its creation was not finished. */
export async function requireKnownFormat(
  session: CassandraSession,
  keyspace: string,
): Promise<boolean> {
  const rows = await session.run(`SELECT value FROM ${keyspace}.${META_TABLE} WHERE name = ?`, [
    FORMAT_ROW,
  ]);
  if (rows[0] === undefined) return false;
  const found = String(rows[0]["value"]);
  if (found === String(VIEW_FORMAT)) return true;
  const older = Number(found) < VIEW_FORMAT;
  throw new TandemError("format_version", {
    message:
      `cassandra.keyspace: "${keyspace}" has views of format ${found}, this program knows format ${VIEW_FORMAT}. ` +
      (older
        ? "Create a new keyspace and let both layers fill it from the archive, or use the version of the program that wrote it."
        : "Use the version of the program that wrote it, or a newer one."),
    details: { keyspace, found, known: VIEW_FORMAT },
  });
}

/** For everybody but who creates it. */
export async function requireKeyspace(session: CassandraSession): Promise<void> {
  if (!(await requireKnownFormat(session, session.options.keyspace))) {
    throw missingKeyspace(session.options);
  }
}
