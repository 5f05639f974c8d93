// The events of the archive as tables: one row of each event, as batch counts it, with the columns a metric reads;
// and the windows that are asked for. Identity and windows are those of docs/decisions and the glossary: tenant,
// event_id and the UTC day of the timestamp as sent; the copy of the lowest offset counts; windows are half-open.
import type { Grain } from "@tandem/shared-logic";
import { bodyOf, withShapes } from "./body.ts";
import type { Fields } from "./fields.ts";
import { type Cte, literal } from "./text.ts";

export interface Range {
  /** Half-open, ISO 8601; where absent, the days that have events. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** `archive`: what FROM can name, such as read_parquet('…'). */
export function eventCtes(
  archive: string,
  tenant: string | undefined,
  where: string | undefined,
  fields: Fields,
): Cte[] {
  const own = 'tenant, event_type, event_id, session_id, "user", moment';
  const selected = fields.selected;
  return [
    {
      name: "records",
      sql: `SELECT "partition", "offset", tenant, event_type, event_id, session_id,
  CASE user_kind WHEN 1 THEN 'u' || "user" WHEN 2 THEN 'a' || "user" END AS "user",
  make_timestamp_ms(epoch_ms("time")) AS moment, sent_as,
  make_timestamp_ms(epoch_ms(coalesce(received, "time"))) AS received_at, flags,
  CASE WHEN shape IS NOT NULL THEN ${bodyOf("sent_as")}
    WHEN body IS NOT NULL THEN body
    ELSE error('an event without a body: its record stands in raw') END AS body
FROM (SELECT *, make_timestamp_ms(epoch_ms(coalesce(sent, "time"))) AS sent_as
  FROM ${withShapes(archive)})
WHERE kind = 1${tenant === undefined ? "" : ` AND tenant = ${literal(tenant)}`}`,
    },
    {
      name: "copies",
      sql: `SELECT *, row_number() OVER (
  PARTITION BY "partition", tenant, event_id, date_trunc('day', sent_as) ORDER BY "offset") AS nth_copy
FROM records`,
    },
    fields.readsCopies
      ? { name: "accepted", why: "Copies of events count too.", sql: "SELECT * FROM copies" }
      : {
          name: "accepted",
          why: "Of the copies of an event the one with the lowest offset counts.",
          sql: "SELECT * FROM copies WHERE nth_copy = 1",
        },
    {
      name: "events",
      once: true,
      sql:
        selected.length === 0
          ? `SELECT ${own} FROM accepted`
          : `SELECT ${own},\n  ${selected.join(",\n  ")}
FROM (SELECT *, numbers_as_texts(body) AS texts FROM accepted)`,
    },
    {
      name: "chosen",
      sql: `SELECT * FROM events${where === undefined ? "" : `\nWHERE ${where}`}`,
    },
  ];
}

export function windowsCte(grain: Grain, { from, until }: Range): Cte {
  const moment = (iso: string | undefined, otherwise: string): string =>
    iso === undefined ? otherwise : `TIMESTAMP ${literal(plainInstant(iso))}`;
  const data =
    from !== undefined && until !== undefined
      ? ""
      : " FROM (SELECT min(moment) AS earliest, max(moment) AS latest FROM accepted)";
  const range = `SELECT ${moment(from, "date_trunc('day', earliest)")} AS range_start, ${moment(
    until,
    "date_trunc('day', latest) + INTERVAL 1 DAY",
  )} AS range_end${data}`;
  if (grain === "total")
    return {
      name: "windows",
      sql: `SELECT range_start AS window_start, range_end AS window_end FROM (${range})`,
    };
  return {
    name: "windows",
    sql: `SELECT greatest(start, range_start) AS window_start,
  least(start + INTERVAL 1 ${grain.toUpperCase()}, range_end) AS window_end
FROM (
  SELECT range_start, range_end, unnest(generate_series(
    date_trunc('${grain}', range_start), range_end - INTERVAL 1 MILLISECOND, INTERVAL 1 ${grain.toUpperCase()})) AS start
  FROM (${range}))`,
  };
}

/** DuckDB's TIMESTAMP has no zone: ours are UTC. */
const plainInstant = (iso: string): string => iso.replace("T", " ").replace(/Z$/, "");
