// The figures of a data set's own metrics: equal and marked exact after batch; before it inside the interval, but for
// as many misses as its confidence allows.
import type { AnswerPoint } from "@tandem/shared-logic";
import type { Asker } from "./ask.ts";
import { upperTail } from "./binomial.ts";
import { check, say } from "./outcome.ts";
import type { OwnFigure } from "./own-metrics.ts";

const LEAST_P = 1e-4;

export async function checkOwn(
  name: string,
  part: "batch" | "speed",
  figures: readonly OwnFigure[],
  asker: Asker,
): Promise<void> {
  for (const metric of new Set(figures.map((f) => f.metric))) {
    const own = figures.filter((f) => f.metric === metric);
    let [right, shown, misses] = [0, 0, 0];
    for (const f of own) {
      const p = await pointOf(f, asker);
      const inside = Number(p?.low) <= Number(f.value) && Number(f.value) <= Number(p?.high);
      if (!inside) misses++;
      if (p?.exact === (part === "batch")) shown++;
      if (part !== "batch") continue;
      if (String(p?.value) === f.value) right++;
      else
        say(
          `     ${metric} ${f.from ?? ""} ${f.list} ${f.key}: expected ${f.value}, got ${p?.value}`,
        );
    }
    if (part === "batch")
      check(
        right === own.length && shown === own.length,
        `${name} batch ${metric}: ${right} of ${own.length} figures equal, ${shown} marked exact`,
      );
    else {
      const p = upperTail(misses, own.length, 0.01);
      check(
        p > LEAST_P,
        `${name} speed alone, ${metric}: ${misses} misses in ${own.length} cells (p = ${p.toPrecision(2)})`,
      );
    }
  }
}

async function pointOf(f: OwnFigure, { ask }: Asker): Promise<AnswerPoint | undefined> {
  const { points } = await ask({ metric: f.metric, grain: f.grain, by: [f.list] });
  return points.find(
    (p) => (f.from === undefined || p.from === f.from) && p.by?.[f.list] === f.key,
  );
}
