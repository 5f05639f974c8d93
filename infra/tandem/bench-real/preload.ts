// Puts a workload into a dataset's topic as the collector would have: records with their header, keyed by
// tenant and user, some thousand to an append.
import { type AppendRecord, type EventLog, partitionKey, partitionOf } from "@tandem/shared-logic";
import { factsOf, ownRecords } from "../bench/held-log.ts";
import type { Workload } from "../bench/workload.ts";

const AT_ONCE = 4000;
const encoder = new TextEncoder();

export async function preload(
  log: EventLog,
  dataset: string,
  partitions: number,
  w: Workload,
): Promise<void> {
  let held: AppendRecord[] = [];
  const append = async (): Promise<void> => {
    const results = await log.append(dataset, held);
    const failed = results.find((r) => !r.ok);
    if (failed && !failed.ok) throw failed.error;
    held = [];
  };
  let i = 0;
  for (const value of ownRecords(w)) {
    const facts = factsOf(w.bytes, w.starts[i]!, w.ends[i]!);
    const key = partitionKey(facts, encoder.encode(`t${w.tenants[i]}`));
    held.push({ partition: partitionOf(key, partitions), key, value });
    i++;
    if (held.length === AT_ONCE) await append();
  }
  await append();
}
