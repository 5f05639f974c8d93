// Kept states are made of the archive alone: one that is gone or damaged is found where it is read, made again
// under its own key from the objects that it was made of, and whoever needed it begins anew.
import {
  type Metric,
  type ObjectStore,
  parseDay,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import type { Archive } from "./plan.ts";
import { partialKey, type Sha256 } from "./run-id.ts";
import type { TaskRunner } from "./tasks.ts";
import { inputsOf } from "./unit.ts";

interface Ports {
  readonly objects: Pick<ObjectStore, "remove">;
  readonly sha256: Sha256;
  readonly tasks: TaskRunner;
}

export interface StateFacts {
  readonly dataset: string;
  readonly archive: Archive;
  readonly metrics: readonly Metric[];
}

/** `body` is to be such as may be repeated. */
export async function withStates<T>(
  ports: Ports,
  facts: StateFacts,
  body: () => Promise<T>,
): Promise<T> {
  const rebuilt = new Set<string>();
  for (;;) {
    try {
      return await body();
    } catch (error) {
      const key = unreadableState(error);
      if (key === undefined || rebuilt.has(key)) throw error;
      if (!(await rebuildState(ports, facts, key))) throw error;
      rebuilt.add(key);
    }
  }
}

function unreadableState(error: unknown): string | undefined {
  if (!(error instanceof TandemError)) return undefined;
  if (error.code !== "corrupt_bytes" && error.code !== "object_missing") return undefined;
  const key = error.details?.["object"];
  return typeof key === "string" && key.startsWith("states/") ? key : undefined;
}

/** False where the archive does not hold what the state was made of. */
async function rebuildState(ports: Ports, facts: StateFacts, key: string): Promise<boolean> {
  const { dataset, archive, metrics } = facts;
  const metric = metrics.find((m) => key.startsWith(`states/${dataset}/${m.fingerprint}/`));
  const [, dayText = "", partitionText = ""] = /\/([^/]+)\/(\d+)-[0-9a-f]+\.bin$/.exec(key) ?? [];
  const day = parseDay(dayText) as UtcDay | undefined;
  if (!metric || day === undefined) return false;
  const partition = Number(partitionText);
  const entries = archive.manifest[partition] ?? [];
  const { fingerprint } = metric;
  for (const { to } of [...entries].reverse()) {
    const inputs = inputsOf(entries, to, [metric], day);
    if (partialKey(ports.sha256, dataset, fingerprint, day, partition, inputs) !== key) continue;
    await ports.objects.remove(key);
    const wanted = [{ fingerprint, key }];
    await ports.tasks({ task: "unit", dataset, partition, day, inputs, metrics: wanted });
    return true;
  }
  return false;
}
