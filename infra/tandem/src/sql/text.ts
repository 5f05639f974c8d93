// Names, texts and moments as DuckDB writes them, and lists joined as readable SQL.

const DAY_MS = 86_400_000;

/** A name as an identifier. */
export const named = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as a literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A dotted way into an event's JSON as DuckDB's JSON path: each key in quotes, so that none is a wildcard. */
export const jsonPath = (path: string): string =>
  `$${path
    .split(".")
    .map((key) => `."${key.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`)
    .join("")}`;

/** Ten to the power of `n`, 0 or more, as a whole number. */
export const tenTo = (n: number): string => `1${"0".repeat(n)}::HUGEINT`;

/** A length of time. */
export const interval = (ms: number): string =>
  ms % DAY_MS === 0 ? `INTERVAL ${ms / DAY_MS} DAY` : `to_milliseconds(${ms})`;

export const listed = (items: readonly string[]): string => items.join(", ");

/** A common table expression. */
export interface Cte {
  readonly name: string;
  readonly sql: string;
  /** Why it is there, in a line. */
  readonly why?: string;
  /** Read more than once, or numbered: computed once. */
  readonly once?: boolean;
}

const indented = (sql: string): string => sql.replaceAll(/^(?=.)/gm, "  ");

export const withCtes = (ctes: readonly Cte[], select: string): string =>
  `WITH\n${ctes
    .map(
      ({ name, sql, why, once = false }) =>
        `${why === undefined ? "" : `-- ${why}\n`}${name} AS ${once ? "MATERIALIZED " : ""}(\n${indented(sql)}\n)`,
    )
    .join(",\n")}\n${select}`;
