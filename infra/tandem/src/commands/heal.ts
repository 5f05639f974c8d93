// `tandem heal …`: see what a rerun of a day would change, apply it in one step, take it back.
import { userInfo } from "node:os";
import { type SetAside, setAsideWords } from "@tandem/batch-layer";
import { formatDay, formatInstant, parseDay, type UtcDay } from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import { healJson, healTable } from "./format-heal.ts";
import type { Io } from "./io.ts";

/** What a command leaves behind for scripts. */
export const HEAL_EXIT = {
  done: 0,
  refused: 1,
  unknown: 2,
  superseded: 3,
  auditFailed: 4,
  /** As `tandem fsck` and `tandem batch run` say of damage. */
  damaged: 4,
} as const;

export interface PlanOptions {
  readonly format: "table" | "json";
  readonly maxChange?: number;
}

/** The name that stands in the ledger where nobody gives one. */
export function askerName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

const processCpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

export async function planHealCommand(
  tandem: Tandem,
  days: readonly UtcDay[],
  o: PlanOptions,
  io: Io,
): Promise<number> {
  const setAside: SetAside[] = [];
  const request = {
    cpuMs: processCpuMs,
    onDamage: (what: SetAside) => setAside.push(what),
    ...(o.maxChange === undefined ? {} : { bounds: { maxChange: o.maxChange } }),
  };
  const plans = await tandem.withArchive(() => tandem.heals.plan(days, request));
  for (const plan of plans)
    io.out(o.format === "json" ? `${JSON.stringify(healJson(plan))}\n` : healTable(plan));
  for (const what of setAside)
    io.err(`${setAsideWords(what)}; no plan: tandem fsck names what is damaged\n`);
  if (setAside.length > 0) return HEAL_EXIT.damaged;
  return plans.every((p) => p.ok) ? HEAL_EXIT.done : HEAL_EXIT.auditFailed;
}

export async function applyHealCommand(
  tandem: Tandem,
  runs: readonly string[],
  by: string,
  io: Io,
): Promise<number> {
  let exit: number = HEAL_EXIT.done;
  const healed: UtcDay[] = [];
  for (const run of runs) {
    const code = await applyOne(tandem, run, by, io);
    exit = Math.max(exit, code);
    const day = parseDay(run.slice(5, -33));
    if (code === HEAL_EXIT.done && day !== undefined) healed.push(day);
  }
  const rebuilt = await tandem.heals.rebuild(healed);
  if (rebuilt.length > 0) io.out(`${rebuilt.length} week and month rows rebuilt\n`);
  return exit;
}

async function applyOne(tandem: Tandem, run: string, by: string, io: Io): Promise<number> {
  const applied = await tandem.heals.apply(run, { by });
  switch (applied?.state) {
    case "applied":
      io.out(`applied ${run}: ${applied.runs.length} metrics now show it\n`);
      return HEAL_EXIT.done;
    case "superseded":
      io.err(
        `${run}: superseded by run ${applied.by}${applied.already ? ", its own: it was applied already" : "; nothing was changed, plan again"}\n`,
      );
      return HEAL_EXIT.superseded;
    case "pinned":
      io.err(
        `${run}: the day is pinned to run ${applied.by} by a rollback; tandem heal unpin ${run.slice(5, -33)}\n`,
      );
      return HEAL_EXIT.superseded;
    case "audit_failed":
      io.err(`${run}: audits failed; it is kept for inspection and nothing was published\n`);
      for (const a of applied.audits) io.err(`  ${a.audit} of ${a.metric}: ${a.found}\n`);
      return HEAL_EXIT.auditFailed;
    default:
      io.err(`no heal plan ${run}; tandem heal plan DAY makes one\n`);
      return HEAL_EXIT.unknown;
  }
}

export async function rollbackCommand(
  tandem: Tandem,
  day: UtcDay,
  o: { readonly by: string; readonly to?: string },
  io: Io,
): Promise<number> {
  const moves = await tandem.heals.rollback(day, o, o.to);
  if (moves.length === 0) {
    io.err(
      o.to === undefined
        ? `${formatDay(day)}: no metric has an older run to go back to\n`
        : `${formatDay(day)}: ${o.to} is no older run that may still be chosen\n`,
    );
    return HEAL_EXIT.unknown;
  }
  for (const { metric, from, to } of moves) io.out(`${metric.name}  ${from} -> ${to.run}\n`);
  io.out(
    `${formatDay(day)} is pinned; tandem heal unpin ${formatDay(day)} lets it be healed again\n`,
  );
  return HEAL_EXIT.done;
}

export async function unpinCommand(
  tandem: Tandem,
  day: UtcDay,
  by: string,
  io: Io,
): Promise<number> {
  const was = await tandem.heals.unpin(day, { by });
  io.out(`${formatDay(day)} ${was ? "may be healed again" : "was not pinned"}\n`);
  return HEAL_EXIT.done;
}

/** Who did what to a day, oldest first. */
export async function healLogCommand(tandem: Tandem, day: UtcDay, io: Io): Promise<number> {
  const row = await tandem.heals.row(day);
  for (const { at, by, did, runs } of row?.flips ?? [])
    io.out(
      `${formatInstant(at)}  ${by}  ${did}  ${Object.values(runs).join(" ")}`
        .trimEnd()
        .concat("\n"),
    );
  const pinned = Object.values(row?.entries ?? {}).some((e) => e.pinned);
  if (!row) io.out(`${formatDay(day)} never had a run\n`);
  else if (pinned) io.out(`${formatDay(day)} is pinned\n`);
  return HEAL_EXIT.done;
}

export async function autoHealCommand(
  tandem: Tandem,
  what: "on" | "off" | "status",
  by: string,
  io: Io,
): Promise<number> {
  const { heals } = tandem;
  if (what !== "status") await heals.setAuto(what === "on", { by });
  const auto = await heals.auto();
  const since = auto.at > 0 ? ` since ${formatInstant(auto.at)} by ${auto.by}` : "";
  io.out(`automatic heals are ${auto.on ? "on" : "off"}${since}\n`);
  if (what !== "status") return HEAL_EXIT.done;
  const queued = await heals.queued();
  for (const { late, dueMs, due, asked } of queued) {
    const when = dueMs === undefined ? "on demand" : due ? "due" : `due ${formatInstant(dueMs)}`;
    io.out(
      `${formatDay(late.day)}  ${late.pending} late records beside ${late.events - late.pending} (${when}; asked for ${asked} times)\n`,
    );
  }
  if (queued.length === 0) io.out("no day has late records in the archive\n");
  return HEAL_EXIT.done;
}
