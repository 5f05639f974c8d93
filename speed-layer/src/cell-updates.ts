// Tells whoever listens which cells a flush has changed, once the views show it:
// `{"dataset","metric","version","tenant","by","group","startMs","partition","to","asOfMs"}` under the key
// `tenant/metric`. It says that there is something new to ask for, and no value: that is merged from all
// partitions and both layers. Bounded; the rows beyond are left to the next reader's question.
import type { Fingerprint, Flush, Metric, Notifications } from "@tandem/shared-logic";

/** Cells that one flush announces; a worker that writes everything again has any number of them. */
export const CELLS_PER_FLUSH = 500;
const encoder = new TextEncoder();

/** Number of rows left unlooked at, once there were enough cells. */
export function announceCells(
  notifications: Pick<Notifications, "publish">,
  metrics: ReadonlyMap<Fingerprint, Metric>,
  { dataset, partition, to, asOf: asOfMs, rows }: Flush,
): number {
  const announced = new Set<string>();
  for (const [i, { fp, tenant, set, group, startMs }] of rows.entries()) {
    if (announced.size === CELLS_PER_FLUSH) return rows.length - i;
    const cell = JSON.stringify([fp, tenant, set, group, startMs]);
    if (announced.has(cell)) continue;
    const found = metrics.get(fp);
    if (!found) continue;
    announced.add(cell);
    const { name: metric, version } = found;
    const by = found.sets[set] ?? [];
    const note = { dataset, metric, version, tenant, by, group, startMs, partition, to, asOfMs };
    notifications.publish(
      "aggregates",
      encoder.encode(`${tenant}/${metric}`),
      encoder.encode(JSON.stringify(note)),
    );
  }
  return 0;
}
