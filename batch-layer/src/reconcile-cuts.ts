// The ledger's cut row held against the cuts that the archive has seen. They differ only where an older
// copy of the view store was put back under a newer log. The rule: what the log says, holds. A metric is
// activated by the cut that activates it in the log, in every partition; a claim of the row about a cut
// that the archive has not reached everywhere stands; a claim about one it has reached, and that the log
// does not bear out (its seq was used before, by a cut the row has forgotten), is taken back, so that the
// next cut makes it again. Pure.
import {
  type CutRow,
  type EntriesByPartition,
  type Fingerprint,
  highestSeq,
  type ManifestEntry,
} from "@tandem/shared-logic";

interface Replayed {
  /** Seq of the cut that activated each metric last; 0 from genesis. */
  readonly activatedAt: ReadonlyMap<Fingerprint, number>;
  readonly retired: ReadonlySet<Fingerprint>;
  readonly seq: number;
}

function replay(first: readonly Fingerprint[], entries: readonly ManifestEntry[]): Replayed {
  const activatedAt = new Map(first.map((fp) => [fp, 0]));
  const retired = new Set<Fingerprint>();
  for (const { cut } of entries) {
    for (const fp of cut?.retires ?? []) if (activatedAt.has(fp)) retired.add(fp);
    for (const fp of cut?.activates ?? []) {
      if (activatedAt.has(fp) && !retired.has(fp)) continue;
      activatedAt.set(fp, cut?.seq ?? 0);
      retired.delete(fp);
    }
  }
  return { activatedAt, retired, seq: entries.at(-1)?.seq ?? 0 };
}

/** The row as it must be, or undefined where it is right. `first`: active from genesis. */
export function reconciledCuts(
  row: CutRow,
  first: readonly Fingerprint[],
  manifest: EntriesByPartition,
): CutRow | undefined {
  const partitions = manifest.map((entries) => replay(first, entries));
  const reached = Math.min(...partitions.map((p) => p.seq));
  const claims = Object.keys(row.activatedAt) as Fingerprint[];
  const known = new Set([...claims, ...partitions.flatMap((p) => [...p.activatedAt.keys()])]);
  const activatedAt: Record<Fingerprint, number> = {};
  const retired: Fingerprint[] = [];
  for (const fp of known) {
    const claimed = row.activatedAt[fp];
    const seqs = partitions.map((p) => p.activatedAt.get(fp));
    const everywhere = seqs.every((s) => s !== undefined) ? Math.max(...seqs) : undefined;
    const open = claimed !== undefined && claimed > reached;
    const at = open ? claimed : everywhere;
    if (at === undefined) continue;
    activatedAt[fp] = at;
    const states = new Set(partitions.map((p) => p.retired.has(fp)));
    // Which cut retired a metric the row does not say: any that the archive has yet to reach may have.
    const undecided = open || states.size > 1 || row.seq > reached;
    if (undecided ? row.retired.includes(fp) : states.has(true)) retired.push(fp);
  }
  const seq = highestSeq(manifest);
  const behind = seq > row.seq;
  const same =
    !behind &&
    sameEntries(activatedAt, row.activatedAt) &&
    retired.length === row.retired.length &&
    retired.every((fp) => row.retired.includes(fp));
  if (same) return undefined;
  // An intent below the log's newest cut could only append empty records.
  return behind
    ? { seq, activates: [], retires: [], done: true, activatedAt, retired }
    : { ...row, activatedAt, retired };
}

function sameEntries(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
