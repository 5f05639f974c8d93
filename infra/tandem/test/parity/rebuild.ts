// Run in a fresh process: rebuilds every cell's exact state from the archive below a cut's V, and prints
// the image of each under the bridge as one JSON object, cell -> hex bytes. Arguments: objects folder,
// dataset, seq of the cut, number of partitions, and `ready` where it is not the default catalogue.
import { createHash } from "node:crypto";
import { FolderObjectStore } from "@tandem/adapters/embedded";
import { parquetCodec } from "@tandem/adapters/parquet";
import { addPartial, type Cells, dataDays, inputsOf, runUnit } from "@tandem/batch-layer";
import {
  catalogue,
  cutOffsets,
  dayStart,
  decodePartial,
  ManifestIndex,
  readyMetrics,
  type UtcDay,
  type Window,
} from "@tandem/shared-logic";

const [folder = "", dataset = "", seq = "", partitions = "", which] = process.argv.slice(2);
const metrics =
  which === "ready"
    ? readyMetrics.filter((m) => m.reducer.reach.beforeMs < 8 * 86_400_000)
    : catalogue;
const objects = await FolderObjectStore.open(folder);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const genesis = Array.from({ length: Number(partitions) }, () => 0);
const index = new ManifestIndex(objects, dataset, genesis);
await index.poll();
const v = cutOffsets(index.entries, Number(seq)) ?? [];
const days = dataDays({ genesis, manifest: index.entries }, v);
const cells: Record<string, string> = {};
for (let day = days?.first ?? 0; days && day <= days.last; day++) {
  for (const metric of metrics) {
    const merged: Cells = new Map();
    for (const [partition, entries] of index.entries.entries()) {
      const key = `rebuilt/${seq}/${metric.name}/${day}/${partition}.bin`;
      const inputs = inputsOf(entries, v[partition] ?? 0, [metric], day as UtcDay);
      const ports = { objects, codec: parquetCodec, sha256 };
      const own = [{ fingerprint: metric.fingerprint, key }];
      const request = { dataset, partition, day: day as UtcDay, inputs, metrics: own };
      await runUnit(ports, request, [metric]);
      const bytes = await objects.get(key);
      if (bytes) addPartial(metric, merged, decodePartial(bytes), ownCells(day));
    }
    for (const [tenant, sets] of merged) {
      for (const [set, groups] of sets) {
        for (const [group, starts] of groups) {
          for (const [start, cell] of starts) {
            const approx = metric.reducer.toApprox(cell.state) as unknown;
            const bytes = metric.reducer.approx.encode(approx);
            cells[`${metric.name}|${tenant}|${set}|${group}|${start}`] =
              Buffer.from(bytes).toString("hex");
          }
        }
      }
    }
  }
}
process.stdout.write(JSON.stringify(cells));

/** Without the cells of its reach, which the neighbours hold as their own. */
function ownCells(day: number): Window {
  return { from: dayStart(day as UtcDay), until: dayStart((day + 1) as UtcDay) };
}
