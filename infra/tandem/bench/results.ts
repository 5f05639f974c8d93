// bench/results.json: the figures of the goals as they were measured last, and whether new ones are worse.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Measured } from "./goals.ts";
import { joined, regression } from "./measured.ts";

export const RESULTS = fileURLToPath(new URL("../../../bench/results.json", import.meta.url));

export async function readResults(): Promise<readonly Measured[]> {
  const text = await readFile(RESULTS, "utf8").catch(() => "[]");
  return JSON.parse(text) as readonly Measured[];
}

/** Those of measures that were not taken stay. */
export async function writeResults(now: readonly Measured[]): Promise<void> {
  await mkdir(dirname(RESULTS), { recursive: true });
  const all = joined(await readResults(), now).map((m) => ({ ...m, runs: m.runs.map(rounded) }));
  const lines = all.map((m) =>
    JSON.stringify({
      ...m,
      ours: rounded(m.ours),
      peer: m.peer && rounded(m.peer),
      ratio: rounded(m.ratio),
    }),
  );
  await writeFile(RESULTS, `[\n  ${lines.join(",\n  ")}\n]\n`);
}

const rounded = (x: number): number => Number(x.toPrecision(4));

/** A line for each figure that is worse than the stored one beyond noise. */
export function regressions(stored: readonly Measured[], now: readonly Measured[]): string[] {
  const before = new Map(stored.map((m) => [m.measure, m]));
  return now.flatMap((m) => {
    const was = before.get(m.measure);
    const worse = was && regression(was, m);
    if (!was || worse === undefined) return [];
    return `${m.id} ${m.measure}: ${rounded(m.ratio)} after ${rounded(was.ratio)}, ${Math.round(100 * worse)} % worse`;
  });
}
