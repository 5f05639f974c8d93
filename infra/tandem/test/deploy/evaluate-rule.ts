// As much PromQL as the alert rules are written in: selectors, rate and increase, sum and max with by, arithmetic,
// comparisons that filter, `on (…) group_left ()`, `or`. Anything else throws.
import {
  keyOf,
  type Labels,
  type MetricHistory,
  type Sample,
  type Selector,
} from "./metric-history.ts";

type Value = number | readonly Sample[];
type Ask = (history: MetricHistory, at: number) => Value;

const TOKEN =
  /\s*(\d+(?:\.\d+)?(?![\w])|[a-z_]\w*|"(?:[^"\\]|\\.)*"|\[\d+[smh]\]|=~|==|[-+*/(){},=<>])/gy;
const UNIT_S = { s: 1, m: 60, h: 3600 } as const;
const LEVELS: readonly (readonly string[])[] = [["or"], [">", "<", "=="], ["+", "-"], ["*", "/"]];

export const seconds = (text: string): number =>
  Number(text.slice(0, -1)) * UNIT_S[text.slice(-1) as keyof typeof UNIT_S];

/** The samples for which the rule holds; a scalar that holds is one without labels. */
export function parseRule(expr: string): (history: MetricHistory, at: number) => readonly Sample[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let last = 0; last < expr.trimEnd().length; last = TOKEN.lastIndex) {
    const found = TOKEN.exec(expr);
    if (!found) throw new RangeError(`not of this PromQL, from ${last} on: ${expr}`);
    tokens.push(found[1] ?? "");
  }
  let at = 0;
  const peek = (): string => tokens[at] ?? "";
  const take = (wanted?: string): string => {
    const token = tokens[at++] ?? "";
    if (wanted !== undefined && token !== wanted)
      throw new RangeError(`${wanted} expected, got ${token}: ${expr}`);
    return token;
  };
  const names = (): string[] => {
    const found: string[] = [];
    take("(");
    while (peek() !== ")") {
      if (peek() === ",") take();
      found.push(take());
    }
    take(")");
    return found;
  };

  const binary = (level: number): Ask => {
    const ops = LEVELS[level];
    if (!ops) return single();
    let left = binary(level + 1);
    while (ops.includes(peek())) {
      const op = take();
      let on: readonly string[] | undefined;
      if (peek() === "on") {
        take();
        on = names();
        take("group_left");
        names();
      }
      const [a, b] = [left, binary(level + 1)];
      left = (history, t) => apply(op, a(history, t), b(history, t), on);
    }
    return left;
  };

  const single = (): Ask => {
    const token = take();
    if (/^\d/.test(token)) return () => Number(token);
    if (token === "(") {
      const inner = binary(0);
      take(")");
      return inner;
    }
    if (token === "sum" || token === "max") {
      const grouped = peek() === "by";
      if (grouped) take();
      const by = grouped ? names() : [];
      take("(");
      const inner = binary(0);
      take(")");
      return (history, t) => aggregate(token, by, vector(inner(history, t)));
    }
    if (token === "rate" || token === "increase") {
      take("(");
      const of = selector(take());
      const rangeS = seconds(take().slice(1, -1));
      take(")");
      return (history, t) =>
        history.increase(of, t, rangeS).map(({ labels, value }) => ({
          labels,
          value: token === "rate" ? value / rangeS : value,
        }));
    }
    const of = selector(token);
    return (history, t) => history.instant(of, t);
  };

  const selector = (name: string): Selector => {
    if (!/^[a-z_]+$/.test(name)) throw new RangeError(`a metric expected, got ${name}: ${expr}`);
    const tests: ((labels: Labels) => boolean)[] = [];
    if (peek() === "{") {
      take("{");
      while (peek() !== "}") {
        if (peek() === ",") take();
        const [label, op, text] = [take(), take(), take().slice(1, -1)];
        if (op !== "=" && op !== "=~") throw new RangeError(`${op} in ${expr}`);
        const pattern = new RegExp(`^(?:${text})$`);
        tests.push((l) => (op === "=" ? l[label] === text : pattern.test(l[label] ?? "")));
      }
      take("}");
    }
    return { name, matches: (labels) => tests.every((test) => test(labels)) };
  };

  const ask = binary(0);
  if (at < tokens.length) throw new RangeError(`${peek()} was not expected: ${expr}`);
  return (history, t) => vector(ask(history, t));
}

const vector = (value: Value): readonly Sample[] =>
  typeof value === "number" ? [{ labels: {}, value }] : value;

const only = (labels: Labels, names: readonly string[]): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));

function aggregate(what: string, by: readonly string[], samples: readonly Sample[]): Sample[] {
  const groups = Map.groupBy(samples, (s) => keyOf(only(s.labels, by)));
  return [...groups.values()].map((own) => {
    const values = own.map((s) => s.value);
    const value = what === "sum" ? values.reduce((a, b) => a + b, 0) : Math.max(...values);
    return { labels: only(own[0]?.labels ?? {}, by), value };
  });
}

function apply(op: string, a: Value, b: Value, on: readonly string[] | undefined): Value {
  if (op === "or") {
    const left = vector(a);
    const known = new Set(left.map((s) => keyOf(s.labels)));
    return [...left, ...vector(b).filter((s) => !known.has(keyOf(s.labels)))];
  }
  if (typeof a === "number" && typeof b === "number") return arithmetic(op, a, b) ?? [];
  const pairs = (s: Sample): number | undefined => {
    if (typeof b === "number") return b;
    const key = on ? keyOf(only(s.labels, on)) : keyOf(s.labels);
    const found = b.filter((r) => keyOf(on ? only(r.labels, on) : r.labels) === key);
    if (found.length > 1) throw new RangeError("several samples match one");
    return found[0]?.value;
  };
  return vector(a).flatMap((s) => {
    const right = pairs(s);
    const value = right === undefined ? undefined : arithmetic(op, s.value, right);
    return value === undefined ? [] : [{ labels: s.labels, value }];
  });
}

/** Of a comparison the left side, where it holds. */
function arithmetic(op: string, a: number, b: number): number | undefined {
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case ">":
      return a > b ? a : undefined;
    case "<":
      return a < b ? a : undefined;
    default:
      return a === b ? a : undefined;
  }
}
