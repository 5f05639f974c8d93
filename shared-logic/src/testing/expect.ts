// The few assertions that the suites need, without node:assert, so that a suite runs wherever
// shared-logic does. A failed one throws an Error that shows both sides as text.

/** What a suite is given: node:test's `test`, or anything else that takes a name and a body. */
export type TestFunction = (name: string, body: () => Promise<void>) => unknown;

/** One text per value: keys in order, absent ones left out, bytes and maps spelled out. */
export function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes(${[...value].join(" ")})`;
  if (value instanceof Map) {
    return `map(${[...value].map(([k, v]) => `${shown(k)}: ${shown(v)}`).join(", ")})`;
  }
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).filter(([, v]) => v !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([k, v]) => `${k}: ${shown(v)}`).join(", ")}}`;
  }
  return value === undefined ? "undefined" : JSON.stringify(value);
}

export function expectTrue(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

export function expectEqual(actual: unknown, expected: unknown, what = "values differ"): void {
  const [a, e] = [shown(actual), shown(expected)];
  if (a !== e) throw new Error(`${what}\n  expected ${e}\n  got      ${a}`);
}

/** Equal up to order. */
export function expectSameSet(
  actual: readonly unknown[],
  expected: readonly unknown[],
  what = "sets differ",
): void {
  expectEqual(actual.map(shown).sort(), expected.map(shown).sort(), what);
}
