// After batch every figure of the reference tables must be equal, and marked exact.
import type { Asker } from "./ask.ts";
import { check, say } from "./outcome.ts";
import type { Expectation } from "./reference.ts";

export async function checkBatch(
  name: string,
  expectations: readonly Expectation[],
  { point }: Asker,
): Promise<void> {
  const counts = new Map<string, { right: number; exact: number; all: number }>();
  for (const e of expectations) {
    const p = await point(e);
    const key = `${e.table} ${e.metric}`;
    const count = counts.get(key) ?? { right: 0, exact: 0, all: 0 };
    counts.set(key, count);
    count.all++;
    if (String(p?.value) === e.value) count.right++;
    else if (count.all - count.right <= 3)
      say(`     ${key} ${e.from} ${e.type ?? ""}: expected ${e.value}, got ${p?.value}`);
    if (p?.exact) count.exact++;
  }
  for (const [key, c] of counts) {
    check(
      c.right === c.all && c.exact === c.all && c.all > 0,
      `${name} batch ${key}: ${c.right} of ${c.all} figures equal, ${c.exact} marked exact`,
    );
  }
}
