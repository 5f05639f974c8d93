// Healing thirty sealed days against computing them anew: late events on one of them, and spread over all. A heal
// is plan, audits and apply, its runs those of the full run, byte for byte; weeks and months, which are rebuilt
// when nothing is due any more, are in neither side's time but in the last figure's.

import { countArrayBytesWithHeap } from "@tandem/adapters/stack";
import type { Figure, Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import { DAYS, healBench, type Prepared, type Sums } from "./heal-archive.ts";
import { inTurn, medians, ratio } from "./rounds.ts";

const PER_DAY = Number(process.env["EVENTS"] ?? 900_000) / DAYS;
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
/** Of all events. */
const LATE_SHARE = 0.005;

async function compared(
  say: (line: string) => void,
  what: string,
  goal: number | undefined,
  late: readonly number[],
  spans = false,
): Promise<Figure> {
  return inFolder(async (folder) => {
    const bench = await healBench(folder, PER_DAY, late, spans);
    const sums: Record<"full" | "heal", Sums> = { full: new Map(), heal: new Map() };
    const last: { sums?: () => Promise<void> } = {};
    const contender = (name: "full" | "heal", prepare: () => Promise<Prepared>) => async () => {
      await last.sums?.();
      const { run, sums: read } = await prepare();
      last.sums = async () => {
        sums[name] = await read();
      };
      return run;
    };
    // As in the process that has run batch before.
    const contenders = {
      full: contender("full", bench.full),
      heal: contender("heal", bench.heal),
    };
    const times = await inTurn(ROUNDS, contenders, { collect: false });
    await last.sums?.();
    const share = ratio(times.heal, times.full);
    const cpu = (of: "full" | "heal"): string => `${medians(times[of]).cpuS.toFixed(2)} s`;
    say(`${what}: full run ${cpu("full")} CPU, heal ${cpu("heal")}`);
    // A day that nothing came late for keeps the run it had.
    const missing = [...sums.full].filter(([run, sum]) => {
      const healed = sums.heal.get(run);
      return healed !== undefined && healed !== sum;
    });
    const same = [...sums.full.keys()].filter((run) => sums.heal.has(run)).length;
    const bad = missing.length > 0 || same === 0;
    return {
      row: "heal",
      what,
      goal: goal === undefined ? "" : `<= ${(goal * 100).toFixed(0)} %`,
      figure: `${(share * 100).toFixed(1)} % of the full run's CPU (${late.reduce((a, b) => a + b)} late events beside ${PER_DAY * DAYS}, ${same} runs equal)`,
      ...(goal === undefined ? {} : { met: share <= goal }),
      ...(bad ? { wrong: `${missing.length} of ${same} healed runs differ` } : {}),
    };
  });
}

export const heal: Row = async (say) => {
  countArrayBytesWithHeap();
  const count = Math.max(1, Math.round(PER_DAY * LATE_SHARE));
  const one = Array.from({ length: DAYS }, (_, day) => (day === 12 ? count * DAYS : 0));
  const spread = Array.from({ length: DAYS }, () => count);
  return [
    await compared(say, "late events on one of 30 days", 0.05, one),
    await compared(say, "late events spread over 30 days", 0.25, spread),
    await compared(say, "on one day, with its week and month rebuilt", undefined, one, true),
  ];
};
