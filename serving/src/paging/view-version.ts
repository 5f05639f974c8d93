// What the groups of an answer and their values are a function of beside the question: equal versions, equal pages.
// Without what moves on its own (freshness, closed days).
import type { Query } from "../query/query.ts";
import type { Seam } from "../read/seam.ts";
import { versionMark } from "./cursor.ts";

/** `seams`: of the question's readings. */
export function viewVersion({ metric, layer, asOf }: Query, seams: readonly Seam[]): string {
  const speed = layer !== "batch";
  return versionMark(
    JSON.stringify([
      metric.fingerprint,
      asOf?.at,
      seams.map((seam) => [
        speed ? [seam.positions.map((p) => p?.to ?? null), seam.starts.map((s) => s ?? null)] : [],
        [...seam.days].map(([day, entry]) => [day, entry?.run, entry?.v]),
        seam.spans.map((s) => [s.window.from, s.version]),
      ]),
    ]),
  );
}
