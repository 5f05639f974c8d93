// Reads a CSV file (plain or .gz) whose fields may be quoted.
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export type CsvRow = Readonly<Record<string, string>>;

/** Rows by column name; undefined where neither `path` nor `path.gz` exists. */
export function readCsv(path: string): CsvRow[] | undefined {
  const file = existsSync(path) ? path : `${path}.gz`;
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const [head, ...rows] = text
    .split(/\r?\n/)
    .filter((l) => l !== "")
    .map(fields);
  return rows.map((row) => Object.fromEntries((head ?? []).map((name, i) => [name, row[i] ?? ""])));
}

const fields = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    (m) => m[1]?.replaceAll('""', '"') ?? m[2] ?? "",
  );
