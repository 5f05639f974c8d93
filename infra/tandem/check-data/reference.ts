// The reference answers of a data set as questions to Tandem: which metric, window and group must have
// which value. Everything a reference table states becomes one expectation.
import { join } from "node:path";
import { type CsvRow, readCsv } from "./csv.ts";

export interface Expectation {
  readonly table: string;
  readonly metric: string;
  readonly grain: "hour" | "day" | "week" | "month" | "total";
  /** Start of the window; the whole range for total. */
  readonly from: string;
  /** Group by event type. */
  readonly type?: string;
  /** Plain decimal text. */
  readonly value: string;
}

const COLUMNS: Readonly<Record<string, string>> = {
  events: "events",
  distinct_users: "active_users",
  sessions_started: "sessions",
  revenue: "revenue",
};

interface Table {
  readonly file: string;
  readonly grain: Expectation["grain"];
  readonly start: (row: CsvRow) => string;
}

const midnight = (day: string | undefined): string => `${day}T00:00:00Z`;

const TABLES: readonly Table[] = [
  { file: "hourly", grain: "hour", start: (r) => `${r["hour"]?.slice(0, 13)}:00:00Z` },
  { file: "hourly_by_type", grain: "hour", start: (r) => `${r["hour"]?.slice(0, 13)}:00:00Z` },
  { file: "daily", grain: "day", start: (r) => midnight(r["day"]) },
  { file: "daily_by_type", grain: "day", start: (r) => midnight(r["day"]) },
  { file: "weekly", grain: "week", start: (r) => midnight(r["week_starting_monday"]) },
  { file: "monthly", grain: "month", start: (r) => midnight(`${r["month"]}-01`) },
  { file: "events_by_type", grain: "total", start: () => "" },
];

/** Every figure of the reference tables of `folder`. */
export function expectationsOf(folder: string): Expectation[] {
  const all: Expectation[] = [];
  for (const { file, grain, start } of TABLES) {
    for (const row of readCsv(join(folder, "reference", `${file}.csv`)) ?? []) {
      for (const [column, metric] of Object.entries(COLUMNS)) {
        const value = row[column];
        if (value === undefined) continue;
        const type = row["event_type"];
        all.push({
          table: file,
          metric,
          grain,
          from: start(row),
          value: plain(value),
          ...(type === undefined ? {} : { type }),
        });
      }
    }
  }
  return all;
}

/** `2387.840` and `2387.84` are the same figure. */
const plain = (text: string): string =>
  text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;

/** First and last day with events, as the exclusive range of whole days. */
export function rangeOf(folder: string): { readonly from: string; readonly until: string } {
  const days = (readCsv(join(folder, "reference", "daily.csv")) ?? [])
    .map((r) => r["day"] ?? "")
    .sort();
  const last = days.at(-1) ?? "1970-01-01";
  const next = new Date(Date.parse(`${last}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return { from: days[0] ?? "1970-01-01", until: next };
}
