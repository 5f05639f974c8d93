// `tandem fsck`: is what is stored what was written? `--repair` puts right what can be put right.
import { FINDINGS, type Finding, formatDay, isDamage } from "@tandem/shared-logic";
import { checkStore } from "../fsck/check-store.ts";
import type { FsckReport } from "../fsck/fsck-report.ts";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

/** What the command leaves behind for scripts; 1 is an error. */
export const FSCK_EXIT = { whole: 0, lost: 3, damaged: 4 } as const;

export interface FsckOptions {
  readonly format: "table" | "json";
  readonly repair?: boolean;
  readonly deep?: boolean;
  readonly allRuns?: boolean;
}

export async function fsckCommand(
  tandem: Tandem,
  o: FsckOptions,
  by: string,
  io: Io,
): Promise<number> {
  const { records, sizeBytes: bytes } = tandem.config.archive;
  const report = await checkStore(
    tandem.batchPorts,
    { dataset: tandem.dataset, metrics: tandem.metrics, limits: { records, bytes } },
    {
      repair: o.repair ?? false,
      deep: o.deep ?? false,
      allRuns: o.allRuns ?? false,
      by,
      progress: inTenths((text) => io.err(`${text}\n`)),
    },
  );
  io.out(o.format === "json" ? `${JSON.stringify(fsckJson(report))}\n` : fsckTable(report, o));
  return fsckExit(report);
}

export function fsckExit({ left, repaired }: FsckReport): number {
  if (left.length > 0) return FSCK_EXIT.damaged;
  return repaired.some((r) => r.what === "lost") ? FSCK_EXIT.lost : FSCK_EXIT.whole;
}

/** At most ten lines for each kind of work. */
export function inTenths(say: (text: string) => void) {
  const told = new Map<string, number>();
  return (done: number, of: number, what: string): void => {
    const tenth = of === 0 ? 10 : Math.floor((10 * done) / of);
    if (tenth === 0 || tenth <= (told.get(what) ?? 0)) return;
    told.set(what, tenth);
    say(`${what}: ${done} of ${of}`);
  };
}

const findingJson = ({ kind, at, says, partition, from, to, day }: Finding): object => ({
  kind,
  damage: FINDINGS[kind].damage,
  at,
  says,
  ...(partition === undefined ? {} : { partition }),
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
  ...(day === undefined ? {} : { day: formatDay(day) }),
});

function fsckJson(report: FsckReport): object {
  const { checked, findings, repaired, left } = report;
  return {
    ok: left.length === 0,
    checked,
    findings: findings.map(findingJson),
    repaired,
    left: left.map(findingJson),
  };
}

const lineOf = (f: Finding): string =>
  `${isDamage(f) ? "DAMAGE" : "note  "}  ${f.kind}  ${f.at}${f.day === undefined ? "" : `  ${formatDay(f.day)}`}\n          ${f.says}\n`;

function fsckTable({ checked, findings, repaired, left }: FsckReport, o: FsckOptions): string {
  const lines = findings.map(lineOf);
  for (const r of repaired) lines.push(`repaired  ${r.what}  ${r.at}\n          ${r.says}\n`);
  lines.push(
    `checked ${checked.objects} archive objects (${checked.bytes} bytes), ${checked.runs} runs, ${checked.spans} weeks and months, ${checked.checkpoints} checkpoints: `,
  );
  if (left.length === 0)
    lines.push(repaired.length > 0 ? `${repaired.length} repairs made\n` : "whole\n");
  else {
    lines.push(`${left.length} damaged\n`);
    const days = new Set(left.flatMap((f) => (f.day === undefined ? [] : [formatDay(f.day)])));
    if (!o.repair)
      lines.push("tandem fsck --repair puts right what the log or the archive still has\n");
    else if (days.size > 0)
      lines.push(`tandem heal plan ${[...days].join(" ")} computes these days anew\n`);
  }
  return lines.join("");
}
