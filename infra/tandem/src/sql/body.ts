// An event's JSON out of the archive's columns, in SQL: its shape, with every mark replaced by what the row's
// other columns say (the archive codec's marks). A mark without its value is an error, never another body.
import {
  FIRST_VALUE_MARK,
  MARK_EVENT_ID,
  MARK_EVENT_TYPE,
  MARK_SENT_EPOCH,
  MARK_SENT_MILLIS,
  MARK_SENT_SECONDS,
  MARK_SESSION,
  MARK_TENANT,
  MARK_USER,
  VALUE_COLUMNS,
  valueColumn,
} from "@tandem/adapters/parquet";

const VALUES = Array.from({ length: VALUE_COLUMNS }, (_, c) => c);

const MARKS: readonly (readonly [mark: number, text: string])[] = [
  [MARK_EVENT_ID, "event_id"],
  [MARK_EVENT_TYPE, "event_type"],
  [MARK_USER, "user_id"],
  [MARK_SESSION, "session_id"],
  [MARK_TENANT, "tenant"],
  [MARK_SENT_MILLIS, "strftime(sent, '%Y-%m-%dT%H:%M:%S.%gZ')"],
  [MARK_SENT_SECONDS, "strftime(sent, '%Y-%m-%dT%H:%M:%SZ')"],
  [MARK_SENT_EPOCH, "epoch_ms(sent)::VARCHAR"],
  ...VALUES.map((c) => [FIRST_VALUE_MARK + c, `v[${c + 1}]`] as const),
];

/** What `body_of` is called with, `sent` being a TIMESTAMP in UTC. */
export const bodyOf = (sent: string): string =>
  `body_of(shape, event_id, event_type, "user", session_id, tenant, ${sent},
    [${VALUES.map(valueColumn).join(", ")}])`;

/** The macro's parameters and body. */
export const BODY_MACRO = `(shape, event_id, event_type, user_id, session_id, tenant, sent, v) AS if_whole(
${MARKS.map(() => "replace(").join("")}shape
${MARKS.map(([mark, text]) => `  , chr(${mark}), coalesce(${text}, chr(1)))`).join("\n")})`;

/** An archive that has the columns of shapes, whatever of its objects are older. */
export const withShapes = (archive: string): string =>
  `(SELECT * FROM ${archive} UNION ALL BY NAME
    SELECT ${["shape", ...VALUES.map(valueColumn)].map((name) => `NULL::VARCHAR AS ${name}`).join(", ")} WHERE false)`;
