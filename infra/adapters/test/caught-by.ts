// Runs a conformance suite without node:test until a case fails: how a test proves that a suite catches
// a planted bug.
import type { TestFunction } from "@tandem/shared-logic/testing";

/** The name of the first case that fails; undefined where all pass. */
export async function caughtBy(suite: (test: TestFunction) => void): Promise<string | undefined> {
  const cases: [name: string, body: () => Promise<void>][] = [];
  suite((name, body) => cases.push([name, body]));
  for (const [name, body] of cases) {
    try {
      await body();
    } catch {
      return name;
    }
  }
  return undefined;
}
