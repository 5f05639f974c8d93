// `tandem fsck`: the archive against its manifest, the views against the runs' partial states, checkpoints
// against the log; with `repair`, the archive is put right first, so that runs can be computed from it again.
import {
  type Archive,
  type CheckedRun,
  checkOffsets,
  checkRun,
  checkSpan,
  readSpans,
  refreshSpan,
  repairRun,
} from "@tandem/batch-layer";
import {
  type DayRow,
  dayKey,
  type Finding,
  type Fingerprint,
  isDamage,
  type UtcDay,
  windowEnd,
} from "@tandem/shared-logic";
import { checkpointFindings, readCheckpoint } from "@tandem/speed-layer";
import type { FsckFacts, FsckPorts, FsckReport, FsckRequest, Repaired } from "./fsck-report.ts";
import { inspectArchive } from "./inspect-archive.ts";
import { isRepairOpen, repairArchive } from "./repair-archive.ts";

export async function checkStore(
  ports: FsckPorts,
  facts: FsckFacts,
  request: FsckRequest,
): Promise<FsckReport> {
  const { dataset, genesis } = facts.dataset;
  const progress = request.progress ?? (() => undefined);
  const before = await inspectArchive(ports, facts, request.deep ?? false, progress);
  const findings: Finding[] = [...before.findings];
  const repaired: Repaired[] = [];
  let archive = before;
  const damaged = before.findings.some(isDamage);
  if (request.repair && (damaged || (await isRepairOpen(ports, dataset)))) {
    repaired.push(...(await repairArchive(ports, facts, before, request.by)));
    archive = await inspectArchive(ports, facts, false, progress, repaired);
  }
  const left = archive.findings.filter(isDamage);
  const manifest = archive.partitions.map((p) => p.tiling.entries);
  const runs = await readRuns(ports, facts, request.allRuns ?? false);
  for (const [i, run] of runs.entries()) {
    progress(i, runs.length, "runs");
    const found = checkOffsets(run, manifest, genesis) ?? (await checkRun(ports, dataset, run));
    if (!found) continue;
    findings.push(found);
    if (!isDamage(found)) continue;
    const whole: Archive = { genesis, manifest };
    if (request.repair && found.kind !== "run_offsets" && left.length === 0) {
      if (await repairRun(ports, dataset, whole, run)) {
        repaired.push({ what: "run", at: found.at, says: "computed again from the archive" });
        continue;
      }
    }
    left.push(found);
  }
  progress(runs.length, runs.length, "runs");
  const spans = await readSpans(ports, dataset, facts.metrics);
  for (const [i, span] of spans.entries()) {
    progress(i, spans.length, "weeks and months");
    const found = await checkSpan(ports, dataset, span);
    if (!found) continue;
    findings.push(found);
    const { metric, grain, from } = span;
    if (request.repair && metric && (found.kind === "span_rows" || found.kind === "span_stale")) {
      const window = { from, until: windowEnd(from, grain) };
      if (await refreshSpan(ports, dataset, metric, grain, window, found.kind === "span_rows")) {
        repaired.push({ what: "span", at: found.at, says: "made again from its days' states" });
        continue;
      }
    }
    if (isDamage(found)) left.push(found);
  }
  progress(spans.length, spans.length, "weeks and months");
  const checkpoints = await checkCheckpoints(ports, facts);
  findings.push(...checkpoints);
  left.push(...checkpoints);
  const checked = {
    objects: before.objects,
    bytes: before.bytes,
    runs: runs.length,
    spans: spans.length,
    checkpoints: genesis.length,
  };
  return { checked, findings, repaired, left };
}

async function readRuns(
  { views }: FsckPorts,
  { dataset: { dataset }, metrics }: FsckFacts,
  all: boolean,
): Promise<CheckedRun[]> {
  const prefix = dayKey(dataset, 0 as UtcDay).slice(0, -1);
  const byFingerprint = new Map(metrics.map((m) => [m.fingerprint, m]));
  const runs: CheckedRun[] = [];
  for (const { key, value } of await views.ledgerRows(prefix)) {
    const day = Number(key.slice(prefix.length)) as UtcDay;
    const row = JSON.parse(value) as DayRow;
    for (const fp of Object.keys(row.entries) as Fingerprint[]) {
      const current = row.entries[fp];
      const older = all ? (row.selectable[fp] ?? []).filter((r) => r.run !== current?.run) : [];
      for (const ref of current ? [current, ...older] : older)
        runs.push({ day, ref, metric: byFingerprint.get(fp) });
    }
  }
  return runs.sort((a, b) => a.day - b.day);
}

async function checkCheckpoints(
  { log, views, checkpoints }: FsckPorts,
  { dataset: { dataset, genesis } }: FsckFacts,
): Promise<Finding[]> {
  // Checkpoints first: they follow the position, which follows the log.
  const stored = await Promise.all(
    genesis.map((_, partition) => readCheckpoint(checkpoints, dataset, partition)),
  );
  const positions = await views.positions(dataset, genesis.length);
  const ranges = await log.ranges(dataset);
  return stored.flatMap((checkpoint, partition) =>
    checkpointFindings(dataset, {
      partition,
      log: ranges[partition],
      position: positions[partition],
      ...checkpoint,
    }),
  );
}
