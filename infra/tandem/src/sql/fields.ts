// The columns that a metric's SQL takes from the archive's rows: each path that the declaration reads, once.
import {
  ARRIVAL,
  COPY,
  type Condition,
  FLAG_TOO_LATE,
  type Path,
  type Selector,
} from "@tandem/shared-logic";
import { jsonPath, listed, literal, named } from "./text.ts";

/** What Tandem itself knows of an event, as columns. */
const MADE = new Map([
  [
    ARRIVAL,
    `CASE WHEN flags & ${FLAG_TOO_LATE} <> 0 THEN 'too_late'
    WHEN date_trunc('day', moment) < date_trunc('day', received_at) THEN 'late' ELSE 'in_time' END`,
  ],
  [COPY, "CASE WHEN nth_copy = 1 THEN 'first' ELSE 'again' END"],
]);

/** Columns of the archive's own; `user` with the letter of its kind, as groups show it. */
const OWN: ReadonlySet<string> = new Set([
  "tenant",
  "event_type",
  "event_id",
  "session_id",
  "user",
]);

export class Fields {
  private readonly columns = new Map<string, string>();

  /** The text of a path, as a column. */
  text(path: Path): string {
    if (OWN.has(path)) return named(path);
    const made = MADE.get(path);
    if (made !== undefined) return this.column(path, made);
    return this.column(path, `text_at(texts, ${literal(jsonPath(path))})`);
  }

  /** A path's number in units of 10^-scale, as a column; null where it has none that fits. */
  units(path: Path, scale: number): string {
    // The archive's own columns are texts.
    if (OWN.has(path) || MADE.has(path)) return "NULL::HUGEINT";
    const number = `number_at(body, texts, ${literal(jsonPath(path))})`;
    return this.column(`${path} in units of 1e-${scale}`, `units_of(${number}, ${scale})`);
  }

  exists(path: Path): string {
    if (OWN.has(path)) return `${named(path)} IS NOT NULL`;
    if (MADE.has(path)) return "true";
    return this.column(`${path} exists`, `stands_at(body, ${literal(jsonPath(path))})`);
  }

  /** Never null. */
  condition(c: Condition): string {
    switch (c.op) {
      case "in":
        if (c.values.length === 0) return "false";
        return `coalesce(${this.text(c.path)} IN (${listed(c.values.map(literal))}), false)`;
      case "exists":
        return this.exists(c.path);
      case "and":
        return this.all(c.all, "AND", "true");
      case "or":
        return this.all(c.any, "OR", "false");
      case "not":
        return `NOT (${this.condition(c.condition)})`;
    }
  }

  /** A selector's whole units; null where there are none. */
  unitsOf(s: Selector): { readonly units: string; readonly scale: number } {
    if (s.select === "flag")
      return { units: `(${this.condition(s.condition)})::INTEGER::HUGEINT`, scale: 0 };
    if (s.select === "text") throw new RangeError(`${s.path} is selected as text`);
    return { units: this.units(s.path, s.scale), scale: s.scale };
  }

  /** What to select beside the archive's own columns. */
  get selected(): readonly string[] {
    return [...this.columns].map(([column, expression]) => `${expression} AS ${column}`);
  }

  /** Whether copies of events are to be counted too. */
  get readsCopies(): boolean {
    return this.columns.has(named(COPY));
  }

  private all(conditions: readonly Condition[], word: string, none: string): string {
    if (conditions.length === 0) return none;
    return `(${conditions.map((c) => this.condition(c)).join(` ${word} `)})`;
  }

  private column(name: string, expression: string): string {
    const column = named(name);
    this.columns.set(column, expression);
    return column;
  }
}
