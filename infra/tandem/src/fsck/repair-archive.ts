// Puts the archive right, partition by partition. The dataset's `repairs` row is written before anything is
// changed and again when all is done: whoever remembers the manifest reads it anew.
import { casLedger, readLedger } from "@tandem/batch-layer";
import { type Did, repairPartition } from "@tandem/ingest";
import {
  type ArchiveRepair,
  archiveKey,
  manifestKey,
  type RepairsRow,
  repairsKey,
  TandemError,
} from "@tandem/shared-logic";
import type { FsckFacts, FsckPorts, Repaired } from "./fsck-report.ts";
import type { InspectedArchive, InspectedPartition } from "./inspect-archive.ts";

const KEPT = 500;

export async function repairArchive(
  ports: FsckPorts,
  { dataset: { dataset }, limits }: FsckFacts,
  { partitions }: InspectedArchive,
  by: string,
): Promise<Repaired[]> {
  const key = repairsKey(dataset);
  const change = async (next: (row: RepairsRow) => RepairsRow): Promise<void> => {
    const seen = await readLedger<RepairsRow>(ports.views, key);
    const row = next(seen.value ?? { repairs: [], done: true });
    if (!(await casLedger(ports.views, key, seen, { ...row, repairs: row.repairs.slice(-KEPT) })))
      throw new TandemError("run_superseded", { message: "somebody else repairs the archive" });
  };
  const stamped = (did: Did): ArchiveRepair => ({ ...did, at: ports.clock.now(), by });
  const note = (did: Did): Promise<void> =>
    change((row) => ({ repairs: [...row.repairs, stamped(did)], done: false }));
  const done: Did[] = [];
  for (const partition of partitions) {
    const earlier = (await readLedger<RepairsRow>(ports.views, key)).value?.repairs ?? [];
    const { tiling, bad } = toRepair(partition);
    const { listing } = partition;
    done.push(...(await repairPartition({ ports, limits, listing, tiling, bad, earlier, note })));
  }
  // Also of an earlier one that was cut short before it said so.
  if (await isRepairOpen(ports, dataset)) await change((row) => ({ ...row, done: true }));
  return done.map(({ partition, from, to, did, days }) => ({
    what: did,
    at:
      did === "lost"
        ? manifestKey({ dataset, partition, from })
        : archiveKey(dataset, partition, from, to, ports.codec.extension),
    says: `offsets ${from} to ${to} of partition ${partition}: ${wordsOf(did, days)}`,
  }));
}

/** True while the archive is being changed, or where a repair of it was killed. */
export async function isRepairOpen({ views }: FsckPorts, dataset: string): Promise<boolean> {
  return (await readLedger<RepairsRow>(views, repairsKey(dataset))).value?.done === false;
}

function wordsOf(did: Did["did"], days: Did["days"]): string {
  if (did === "refetched") return "fetched from the log again";
  if (did === "listed") return "listed again, from their objects";
  const events = days && Object.values(days).reduce((a, b) => a + b, 0);
  return `LOST, ${events ?? "an unknown number of"} events; answers of their days say so`;
}

/** An entry that counts wrong is no entry: what it should cover is a hole. */
function toRepair({ tiling, findings }: InspectedPartition) {
  const of = (...kinds: string[]) =>
    new Set(findings.flatMap((f) => (kinds.includes(f.kind) ? [f.at] : [])));
  const wrong = of("entry_recount");
  const holes = tiling.entries
    .filter((e) => wrong.has(e.object))
    .map((e) => ({ from: e.from, to: e.to, keys: [manifestKey(e)] }));
  const entries = tiling.entries.filter((e) => !wrong.has(e.object));
  return {
    tiling: { ...tiling, entries, stretches: [...tiling.stretches, ...holes] },
    bad: of("object_missing", "object_damaged"),
  };
}
