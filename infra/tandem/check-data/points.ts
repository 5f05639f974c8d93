// The points of every answer as lines of a file, and two systems' points compared, runs aside. Groups have
// an order of their own in an answer; it is compared too.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Answer } from "@tandem/shared-logic";
import type { Asked } from "./ask.ts";
import { check, say } from "./outcome.ts";

/** What must be equal of an answer, as text by question. */
export type Points = ReadonlyMap<string, readonly string[]>;

export async function pointsOf(asked: Asked): Promise<Points> {
  const points = new Map<string, readonly string[]>();
  for (const [words, answer] of asked) points.set(words, linesOf(await answer));
  return points;
}

function linesOf({ points, missing, suspected, unchecked, skipped, capped }: Answer): string[] {
  const whole = { missing, suspected, unchecked, skipped, capped };
  return [
    ...points.map(({ run: _, ...point }) => JSON.stringify(point)),
    // What is doubtful or absent is part of what the points say.
    JSON.stringify(whole),
  ];
}

export async function writePoints(file: string, points: Points): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const lines = [...points].flatMap(([words, list]) => [
    JSON.stringify({ question: words }),
    ...list,
  ]);
  await writeFile(file, `${lines.join("\n")}\n`);
}

export function comparePoints(name: string, embedded: Points, real: Points): void {
  let [equal, all, shown] = [0, 0, 0];
  for (const words of new Set([...embedded.keys(), ...real.keys()])) {
    const [a, b] = [embedded.get(words) ?? [], real.get(words) ?? []];
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      all++;
      if (a[i] === b[i]) equal++;
      else if (shown++ < 3) say(`     ${words}: embedded ${a[i]}, real ${b[i]}`);
    }
  }
  check(
    equal === all && all > 0,
    `${name}: ${equal} of ${all} points equal on embedded and real, of ${real.size} questions`,
  );
}
