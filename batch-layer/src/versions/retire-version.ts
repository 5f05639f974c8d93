// Retires a version of a metric: a cut from which on neither layer computes it, so that its file may be removed.
// What it has published stays. Known by name and version, because the file may be gone already.
import {
  type CutRow,
  cutKey,
  type Fingerprint,
  fingerprintName,
  highestSeq,
} from "@tandem/shared-logic";
import { readLedger } from "../ledger.ts";
import { type CutPorts, makeCut } from "../make-cut.ts";
import type { Archive } from "../plan.ts";

export type Retired =
  | { readonly state: "retired"; readonly seq: number }
  | { readonly state: "before" | "unknown" };

export async function retireVersion(
  ports: CutPorts,
  dataset: string,
  { manifest }: Pick<Archive, "manifest">,
  name: string,
  version: number,
): Promise<Retired> {
  for (;;) {
    const { value } = await readLedger<CutRow>(ports.views, cutKey(dataset));
    const active = Object.keys(value?.activatedAt ?? {}).filter((fp) => {
      const of = fingerprintName(fp as Fingerprint);
      return of.name === name && of.version === version;
    }) as Fingerprint[];
    const retires = active.filter((fp) => !value?.retired.includes(fp));
    if (retires.length === 0) return { state: active.length > 0 ? "before" : "unknown" };
    const seq = await makeCut(ports, dataset, { retires }, highestSeq(manifest));
    if (seq !== undefined) return { state: "retired", seq };
  }
}
