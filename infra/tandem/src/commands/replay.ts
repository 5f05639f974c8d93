// `tandem replay …`: published days computed again into a side catalogue; compared, promoted, dropped.
import {
  isReplayName,
  type ReplayedDay,
  type ReplayRequest,
  type ReplaySource,
} from "@tandem/batch-layer";
import { formatDay, formatInstant, parseMetricName, type UtcDay } from "@tandem/shared-logic";
import { type NotHeld, topicArchive } from "../replay/topic-archive.ts";
import type { Tandem } from "../tandem.ts";
import {
  comparedJson,
  comparedLines,
  headJson,
  promotedJson,
  promotedLine,
  sideDayJson,
  sideDayLine,
  summaryLine,
  sumUp,
} from "./format-replay.ts";
import { inTenths } from "./fsck.ts";
import type { Io } from "./io.ts";

/** What a command leaves behind for scripts; 1 is an error. */
export const REPLAY_EXIT = {
  done: 0,
  unknown: 2,
  /** Something differs from what is published; of promote: a day shows another run by now. */
  differs: 3,
  /** Days could not be rebuilt, or may not be shown. */
  damaged: 4,
} as const;

interface Format {
  readonly format: "table" | "json";
}

export interface ReplayStart extends Format {
  readonly source: ReplaySource;
  readonly from?: UtcDay;
  readonly until?: UtcDay;
  readonly metric: readonly string[];
  readonly name?: string;
}

const json = (value: object): string => `${JSON.stringify(value)}\n`;

function unknown(name: string, io: Io): number {
  io.err(`no replay ${name}; tandem replay list names them\n`);
  return REPLAY_EXIT.unknown;
}

/** Undefined where a metric is unknown: it is said. */
function requestOf(tandem: Tandem, o: ReplayStart, io: Io): ReplayRequest | undefined {
  const wanted = new Set<ReplayRequest["metrics"][number]>();
  for (const text of o.metric) {
    const { name, version } = parseMetricName(text) ?? { name: text, version: undefined };
    const own = tandem.metrics.filter(
      (m) => m.name === name && (version === undefined || m.version === version),
    );
    if (own.length === 0) {
      io.err(`no metric ${text}; tandem metrics lists them\n`);
      return undefined;
    }
    for (const m of own) wanted.add(m.fingerprint);
  }
  const all = o.metric.length === 0 ? tandem.metrics.map((m) => m.fingerprint) : [...wanted];
  const { source, from, until } = o;
  return {
    source,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    metrics: all.sort(),
  };
}

const nameOf = ({ source, from, until, metric, name }: ReplayStart): string =>
  name ??
  [
    source,
    ...(from === undefined ? [] : [`from-${formatDay(from)}`]),
    ...(until === undefined ? [] : [`until-${formatDay(until)}`]),
    ...metric.map((m) => m.replace("@", ".").replaceAll("_", "-")),
  ].join("-");

export async function startReplayCommand(
  tandem: Tandem,
  o: ReplayStart,
  by: string,
  io: Io,
): Promise<number> {
  const request = requestOf(tandem, o, io);
  if (!request) return REPLAY_EXIT.unknown;
  const name = nameOf(o).toLowerCase();
  if (!isReplayName(name)) {
    io.err(`a catalogue cannot be called ${name}: letters, digits, . _ = and -, at most 64\n`);
    return REPLAY_EXIT.unknown;
  }
  const { records, sizeBytes: bytes } = tandem.config.archive;
  const { dataset } = tandem;
  const facts = { dataset, limits: { records, bytes } };
  const notHeld: NotHeld[] = [];
  const started = await tandem.replays.start(name, request, {
    by,
    topic: (catalogue, below) =>
      topicArchive(tandem.batchPorts, facts, catalogue, below, (range) => notHeld.push(range)),
    progress: inTenths((text) => io.err(`${text}\n`)),
  });
  for (const { partition, from, to } of notHeld)
    io.err(`the topic no longer has offsets ${from} to ${to} of partition ${partition}\n`);
  for (const { day, error } of started.failed)
    io.err(`${formatDay(day)}: not rebuilt: ${error.message} (${error.code})\n`);
  if (o.format === "table")
    io.out(`${name}: ${started.rebuilt.length} days rebuilt, ${started.kept} were there\n`);
  const code = await compareReplayCommand(tandem, name, o, io);
  return started.failed.length > 0 ? REPLAY_EXIT.damaged : code;
}

export async function listReplaysCommand(tandem: Tandem, o: Format, io: Io): Promise<number> {
  const heads = await tandem.replays.list();
  if (o.format === "json") io.out(heads.map((h) => json(headJson(h))).join(""));
  else if (heads.length === 0) io.out("no replays\n");
  else
    for (const { name, request, by, at } of heads)
      io.out(`${name}  from the ${request.source}, started ${formatInstant(at)} by ${by}\n`);
  return REPLAY_EXIT.done;
}

export async function showReplayCommand(
  tandem: Tandem,
  name: string,
  o: Format,
  io: Io,
): Promise<number> {
  const shown = isReplayName(name) ? await tandem.replays.show(name) : undefined;
  if (!shown) return unknown(name, io);
  const days = [...shown.days].sort(([a], [b]) => a - b);
  if (o.format === "json")
    io.out(json({ ...headJson(shown.head), days: days.map(([d, runs]) => sideDayJson(d, runs)) }));
  else {
    const { request, by, at } = shown.head;
    io.out(`${name}: from the ${request.source}, started ${formatInstant(at)} by ${by}\n`);
    for (const [day, runs] of days) io.out(sideDayLine(day, runs));
    if (days.length === 0) io.out("no day is rebuilt; start it again to go on\n");
  }
  return REPLAY_EXIT.done;
}

export async function compareReplayCommand(
  tandem: Tandem,
  name: string,
  o: Format,
  io: Io,
): Promise<number> {
  if (!isReplayName(name) || !(await tandem.replays.show(name))) return unknown(name, io);
  const days: ReplayedDay[] = [];
  for await (const day of tandem.replays.compare(name)) {
    if (o.format === "json") io.out(json(comparedJson(name, day)));
    else io.out(comparedLines(day));
    // What is told need not be remembered.
    days.push({ ...day, metrics: day.metrics.map((m) => ({ ...m, changes: [], totals: [] })) });
  }
  const summary = sumUp(days);
  if (o.format === "table") io.out(summaryLine(name, summary));
  return summary.differing.length + summary.moved.length > 0
    ? REPLAY_EXIT.differs
    : REPLAY_EXIT.done;
}

export async function promoteReplayCommand(
  tandem: Tandem,
  name: string,
  o: Format,
  by: string,
  io: Io,
): Promise<number> {
  if (!isReplayName(name) || !(await tandem.replays.show(name))) return unknown(name, io);
  let exit: number = REPLAY_EXIT.done;
  for await (const { day, promoted } of tandem.replays.promote(name, by)) {
    const { state } = promoted;
    const fine = state === "promoted" || state === "already" || state === "identical";
    const refused = state === "incomplete" || state === "audit_failed";
    if (!fine) exit = Math.max(exit, refused ? REPLAY_EXIT.damaged : REPLAY_EXIT.differs);
    if (o.format === "json") io.out(json(promotedJson(name, day, promoted)));
    else (fine ? io.out : io.err).call(io, promotedLine(name, day, promoted));
  }
  return exit;
}

export async function dropReplayCommand(tandem: Tandem, name: string, io: Io): Promise<number> {
  if (!isReplayName(name) || !(await tandem.replays.drop(name))) return unknown(name, io);
  io.out(`${name} is dropped\n`);
  return REPLAY_EXIT.done;
}
