// `tandem diff METRIC@1 METRIC@2`: are two versions the same, day by day, and if not, on which events do they differ?
import {
  type ComparedDay,
  type DifferingEvents,
  diffDays,
  differingEvents,
  highestOf,
  readTheSame,
  unsharedSets,
} from "@tandem/batch-layer";
import { type Metric, TandemError, type UtcDay } from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import { type DiffReport, diffJson, diffTable } from "./format-diff.ts";
import type { Io } from "./io.ts";
import { loadedVersion } from "./metrics.ts";

/** What the command leaves behind for scripts; 1 is an error. */
export const DIFF_EXIT = { identical: 0, unknown: 2, differ: 3 } as const;

export interface DiffOptions {
  readonly from?: UtcDay;
  readonly until?: UtcDay;
  readonly tenant: string;
  readonly format: "table" | "json";
  /** Longest search for the events. */
  readonly seconds: number;
  /** False: values alone. */
  readonly events: boolean;
}

export async function diffCommand(
  tandem: Tandem,
  names: readonly [string, string],
  o: DiffOptions,
  io: Io,
): Promise<number> {
  const a = loadedVersion(tandem, names[0], io);
  const b = loadedVersion(tandem, names[1], io);
  if (!a || !b) return DIFF_EXIT.unknown;
  const metrics = [a, b] as const;
  const { dataset } = tandem.dataset;
  const { tenant, from, until } = o;
  const range = {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  };
  const days: ComparedDay[] = [];
  // Cells of the first day that differs are told; of the others, that they do.
  for await (const day of diffDays(tandem.ports, { dataset, tenant, ...range }, [a, b]))
    days.push(days.some(isDifferent) ? { ...day, differing: day.differing?.slice(0, 1) } : day);
  const first = days.find(isDifferent);
  const search = first && o.events ? await searched(tandem, metrics, first, o, io) : undefined;
  const archive = first && (await tandem.batch.archive());
  const sameEvents = !first || !archive || readTheSame(archive, first, metrics);
  const unshared = unsharedSets(a, b);
  const report: DiffReport = { metrics, days, first, sameEvents, search, unshared };
  io.out(o.format === "json" ? `${JSON.stringify(diffJson(report))}\n` : diffTable(report));
  if (first) return DIFF_EXIT.differ;
  return days.some((d) => d.differing) ? DIFF_EXIT.identical : DIFF_EXIT.unknown;
}

const isDifferent = (d: ComparedDay): boolean => (d.differing?.length ?? 0) > 0;

/** Undefined where the archive no longer has them. */
async function searched(
  tandem: Tandem,
  metrics: readonly [Metric, Metric],
  { day, v }: ComparedDay,
  o: DiffOptions,
  io: Io,
): Promise<DifferingEvents | undefined> {
  const archive = await tandem.batch.archive();
  const request = { archive, below: highestOf(v), day, tenant: o.tenant };
  try {
    return await differingEvents(tandem.batchPorts, request, metrics, {
      bounds: { ms: o.seconds * 1000 },
      progress: (events, tests) => io.err(`${events} events still differ, after ${tests} tests\n`),
    });
  } catch (error) {
    if (!(error instanceof TandemError) || error.retryable) throw error;
    io.err(`tandem: the day's events cannot be read: ${error.message} (${error.code})\n`);
    return undefined;
  }
}
