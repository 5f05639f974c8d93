// Two versions of one metric, and five days of events on which they differ; the last day is still open.
import { count, eventType, type Metric, metric } from "@tandem/shared-logic";
import { Stage } from "../stories/stage.ts";

export const clicks = (version: number, more: Partial<Parameters<typeof metric>[0]> = {}): Metric =>
  metric({
    name: "clicks",
    title: "Clicks",
    unit: "events",
    version,
    reducer: count(),
    examples: [],
    ...more,
  });
export const V1 = clicks(1, { where: eventType("click") });
/** Also counts taps, so that a mixed answer would show. */
export const V2 = clicks(2, { where: eventType("click", "tap") });
export const DAYS = ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"];
export const TODAY = "2026-03-06";
export const RANGE = { from: DAYS[0] ?? "", until: "2026-03-07", grain: "day" };
export const VALUES: Readonly<Record<number, readonly number[]>> = {
  1: [2, 2, 2, 2, 2],
  2: [3, 3, 3, 3, 3],
};

export async function fiveDays(): Promise<Stage> {
  const stage = await Stage.at(`${DAYS[0]}T00:00:00Z`, [V1]);
  for (const day of [...DAYS, TODAY]) {
    await stage.until(`${day}T12:00:00Z`);
    const at = `${day}T11:00:00Z`;
    await stage.send(
      { id: `${day}a`, at, type: "click" },
      { id: `${day}b`, at, type: "click", user: "bob" },
      { id: `${day}c`, at, type: "tap" },
    );
  }
  await stage.fold();
  await stage.seal();
  return stage;
}
