// The condition of `where`, parsed to data. The grammar, keywords in any case:
//
//   condition = both { "or" both }        both = term { "and" term }
//   term      = "not" term | "(" condition ")" | DIM ("=" | ":" | "!=") VALUE
//             | DIM ["not"] "in" "(" VALUE { "," VALUE } ")"
//   VALUE     = JSON string | (none) | text up to " and ", " or ", or, within parentheses, "," or ")"
//
// A dimension is one that the metric declares; (none) is an event without a value, "(none)" that very text.

export type Where =
  | { readonly kind: "is"; readonly dim: string; readonly values: readonly (string | null)[] }
  | { readonly kind: "and" | "or"; readonly of: readonly Where[] }
  | { readonly kind: "not"; readonly of: Where };

/** How a value that is absent is asked for. */
export const NONE = "(none)";
const DEEPEST = 32;
const MOST_TERMS = 500;

/** What was expected where; the text was read up to there. */
export class WhereProblem extends Error {
  readonly expected: string;
  readonly at: number;
  constructor(expected: string, at: number) {
    super(expected);
    this.expected = expected;
    this.at = at;
  }
}

export function parseWhere(text: string, dims: readonly string[]): Where {
  const reader = new Reader(text, dims);
  const where = reader.condition(0);
  reader.end();
  return where;
}

class Reader {
  private at = 0;
  private terms = 0;
  private readonly text: string;
  private readonly dims: readonly string[];

  constructor(text: string, dims: readonly string[]) {
    this.text = text;
    // The longest that fits, since paths are dotted text.
    this.dims = [...dims].sort((a, b) => b.length - a.length);
  }

  condition(depth: number): Where {
    return this.joined("or", () => this.joined("and", () => this.term(depth)));
  }

  end(): void {
    this.skip(/\s*/y);
    if (this.at < this.text.length) throw new WhereProblem("and, or, or the end", this.at);
  }

  private joined(kind: "and" | "or", part: () => Where): Where {
    const of = [part()];
    while (this.skip(kind === "and" ? /\s*and(?=[\s(])/iy : /\s*or(?=[\s(])/iy)) of.push(part());
    return of.length === 1 && of[0] ? of[0] : { kind, of };
  }

  private term(depth: number): Where {
    if (depth > DEEPEST) throw new WhereProblem(`at most ${DEEPEST} levels`, this.at);
    if (++this.terms > MOST_TERMS) throw new WhereProblem(`at most ${MOST_TERMS} terms`, this.at);
    this.skip(/\s*/y);
    const dim = this.dims.find(
      (d) => this.text.startsWith(d, this.at) && this.comparisonAt(this.at + d.length),
    );
    if (dim !== undefined) {
      this.at += dim.length;
      return this.comparison(dim, depth);
    }
    if (this.skip(/not(?=[\s(])/iy)) return { kind: "not", of: this.term(depth + 1) };
    if (!this.skip(/\(/y)) throw new WhereProblem("DIM=VALUE with a declared dimension", this.at);
    const inside = this.condition(depth + 1);
    if (!this.skip(/\s*\)/y)) throw new WhereProblem(")", this.at);
    return inside;
  }

  private comparisonAt(at: number): boolean {
    const next = /\s*(?:=|:|!=)|\s+(?:not\s+)?in\s*\(/iy;
    next.lastIndex = at;
    return next.test(this.text);
  }

  private comparison(dim: string, depth: number): Where {
    if (this.skip(/\s*!=/y))
      return { kind: "not", of: { kind: "is", dim, values: [this.value(depth > 0)] } };
    if (this.skip(/\s*[=:]/y)) return { kind: "is", dim, values: [this.value(depth > 0)] };
    const negated = this.skip(/\s+not(?=\s)/iy);
    this.skip(/\s+in\s*\(/iy);
    const values: (string | null)[] = [];
    do {
      if (++this.terms > MOST_TERMS) throw new WhereProblem(`at most ${MOST_TERMS} terms`, this.at);
      values.push(this.value(true, true));
    } while (this.skip(/\s*,/y));
    if (!this.skip(/\s*\)/y)) throw new WhereProblem(", or )", this.at);
    const is: Where = { kind: "is", dim, values: [...new Set(values)] };
    return negated ? { kind: "not", of: is } : is;
  }

  private value(closes: boolean, listed = false): string | null {
    if (this.skip(/\s*\(none\)/y)) return null;
    const quoted = this.take(/\s*"(?:[^"\\]|\\.)*"/y);
    if (quoted !== undefined) {
      try {
        return String(JSON.parse(quoted));
      } catch {
        throw new WhereProblem("a JSON string between quotes", this.at - quoted.trimStart().length);
      }
    }
    if (this.skip(/(?=\s*")/y)) throw new WhereProblem('the closing "', this.text.length);
    const bare = listed
      ? this.take(/[^,)]*/y)
      : closes
        ? this.take(/(?:(?!\s(?:and|or)[\s(])[^)])*/iy)
        : this.take(/(?:(?!\s(?:and|or)[\s(])[\s\S])*/iy);
    // Alone, a value is all that stands behind the sign, as it always was.
    return closes || listed ? (bare ?? "").trim() : (bare ?? "");
  }

  private skip(pattern: RegExp): boolean {
    return this.take(pattern) !== undefined;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

export function dimsOf(where: Where): string[] {
  if (where.kind === "is") return [where.dim];
  return where.kind === "not" ? dimsOf(where.of) : [...new Set(where.of.flatMap(dimsOf))];
}

export function holds(where: Where, value: (dim: string) => string | null): boolean {
  switch (where.kind) {
    case "is":
      return where.values.includes(value(where.dim));
    case "not":
      return !holds(where.of, value);
    case "and":
      return where.of.every((w) => holds(w, value));
    case "or":
      return where.of.some((w) => holds(w, value));
  }
}

/** Canonical: parsing it gives the same condition. */
export function whereText(where: Where): string {
  switch (where.kind) {
    case "is": {
      const texts = where.values.map((v) => (v === null ? NONE : JSON.stringify(v)));
      return texts.length === 1
        ? `${where.dim}=${texts[0]}`
        : `${where.dim} in (${texts.join(", ")})`;
    }
    case "not":
      return `not (${whereText(where.of)})`;
    default:
      return where.of
        .map((w) => (w.kind === "is" ? whereText(w) : `(${whereText(w)})`))
        .join(` ${where.kind} `);
  }
}

/** Dimension -> value, where the condition is no more than that; undefined: it is more. */
export function fixedValues(where: Where): ReadonlyMap<string, string | null> | undefined {
  const parts = where.kind === "and" ? where.of : [where];
  const fixed = new Map<string, string | null>();
  for (const part of parts) {
    const [value] = part.kind === "is" && part.values.length === 1 ? part.values : [];
    if (value === undefined || part.kind !== "is" || fixed.has(part.dim)) return undefined;
    fixed.set(part.dim, value);
  }
  return fixed;
}
