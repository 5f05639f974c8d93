// `tandem explain METRIC WINDOW`: the number, and day by day what it is made of and what changed it last.
import { type ExplainedDay, explainDay } from "@tandem/batch-layer";
import {
  type Answer,
  type AnswerPoint,
  dayOf,
  dayStart,
  type EpochMs,
  formatDay,
  formatInstant,
  HOUR_MS,
  parseDay,
  parseInstant,
  type UtcDay,
  type Window,
  windowEnd,
} from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

export interface ExplainOptions {
  readonly format: "table" | "json";
  readonly tenant: string;
}

/** A day, a month (2019-10), an hour (2019-10-01T07), or FROM..UNTIL. */
function windowNamed(text: string): Window | undefined {
  const [from, until, ...more] = text.split("..");
  if (until !== undefined) {
    const [a, b] = [momentNamed(from ?? ""), momentNamed(until)];
    return more.length === 0 && a !== undefined && b !== undefined && a < b
      ? { from: a, until: b }
      : undefined;
  }
  const day = parseDay(text);
  if (day !== undefined) return { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  const month = /^\d{4}-\d{2}$/.test(text) ? parseDay(`${text}-01`) : undefined;
  if (month !== undefined)
    return { from: dayStart(month), until: windowEnd(dayStart(month), "month") };
  const hour = /T\d{2}$/.test(text) ? parseInstant(`${text}:00:00Z`) : undefined;
  return hour === undefined ? undefined : { from: hour, until: (hour + HOUR_MS) as EpochMs };
}

function momentNamed(text: string): EpochMs | undefined {
  const day = parseDay(text);
  return day === undefined ? parseInstant(text) : dayStart(day);
}

/** False where the question was bad: the problem is printed. */
export async function explainCommand(
  tandem: Tandem,
  name: string,
  text: string,
  o: ExplainOptions,
  io: Io,
): Promise<boolean> {
  const window = windowNamed(text);
  if (!window) {
    io.err(`tandem: ${text} is no window: a day, 2019-10, 2019-10-01T07, or FROM..UNTIL\n`);
    return false;
  }
  const ask = async (range: Window, more: Record<string, string> = {}) => {
    const [from, until] = [formatInstant(range.from), formatInstant(range.until)];
    return tandem.queries.query({ from, until, grain: "total", ...more }, name, o.tenant);
  };
  const now = await ask(window);
  const metric = tandem.metrics.find(
    (m) => now.ok && m.name === now.answer.metric && m.version === now.answer.version,
  );
  if (!now.ok || !metric) {
    io.err(`tandem: ${JSON.stringify(now.ok ? {} : now.problem)}\n`);
    return false;
  }
  const archive = await tandem.batch.archive();
  const days: { explained: ExplainedDay; before?: Answer; after?: Answer }[] = [];
  for (let day = dayOf(window.from); dayStart(day) < window.until; day = (day + 1) as UtcDay) {
    const explained = explainDay(archive, await tandem.heals.row(day), metric, day);
    const own = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
    const change = explained.lastChange;
    const of = async (run: string | null): Promise<Answer | undefined> => {
      const result = run === null ? undefined : await ask(own, { asOf: run });
      return result?.ok ? result.answer : undefined;
    };
    const [before, after] = [await of(change?.from ?? null), await of(change?.to ?? null)];
    days.push({ explained, ...(before ? { before } : {}), ...(after ? { after } : {}) });
  }
  if (o.format === "json") {
    const made = days.map(({ explained, before, after }) => ({
      ...explained,
      day: formatDay(explained.day),
      flips: explained.flips.map((f) => ({ ...f, at: formatInstant(f.at) })),
      lastChange: explained.lastChange && {
        ...explained.lastChange,
        at: formatInstant(explained.lastChange.at),
        before: before?.points[0]?.value ?? null,
        after: after?.points[0]?.value ?? null,
      },
    }));
    const range = { from: formatInstant(window.from), until: formatInstant(window.until) };
    io.out(
      `${JSON.stringify({ metric: metric.name, ...range, answer: now.answer, days: made })}\n`,
    );
    return true;
  }
  io.out(headOf(now.answer));
  for (const { explained, before, after } of days) io.out(dayText(explained, before, after));
  return true;
}

function headOf(answer: Answer): string {
  const [p] = answer.points;
  const doubt = answer.late_pending > 0 ? `, ${answer.late_pending} late events pending` : "";
  const missing = answer.missing.map((m) => `missing ${m.from} to ${m.until}: ${m.why}\n`).join("");
  const degraded = answer.degraded.length > 0 ? `degraded: ${answer.degraded.join(", ")}\n` : "";
  return `${answer.metric}@${answer.version} ${answer.from} to ${answer.until}: ${p ? pointText(p) : "no value"}${doubt}\n${missing}${degraded}`;
}

const pointText = (p: AnswerPoint): string =>
  `${p.value} (${p.exact ? "exact" : `between ${p.low} and ${p.high}`}, ${p.layer}${p.run === undefined ? "" : `, run ${p.run}`})`;

function dayText(d: ExplainedDay, before: Answer | undefined, after: Answer | undefined): string {
  const objects = (list: ExplainedDay["objects"]): string[] =>
    list.map(
      (e) =>
        `    partition ${e.partition} ${e.from}..${e.to}  ${e.events} events  ${e.object}  sha256 ${e.sha256.slice(0, 12)}`,
    );
  const change = d.lastChange;
  const shown = (a: Answer | undefined): string => String(a?.points[0]?.value ?? "-");
  const lines = [
    `${formatDay(d.day)}  ${d.run === null ? "no run: speed alone" : `run ${d.run}`}${d.pinned ? ", pinned" : ""}`,
    `  offsets ${d.v.join(",")}; code ${d.fingerprint}, state format ${d.format}`,
    ...(change
      ? [
          `  last change ${formatInstant(change.at)} by ${change.by} (${change.did}): ${change.from ?? "no run"} -> ${change.to}, ${shown(before)} -> ${shown(after)}`,
        ]
      : []),
    `  made of ${d.objects.length} archive objects`,
    ...objects(d.objects),
    ...(d.late.length > 0
      ? [`  late since: ${d.late.reduce((n, e) => n + e.events, 0)} records`, ...objects(d.late)]
      : []),
    ...(d.kept.length > 1 ? [`  kept runs: ${d.kept.map((r) => r.run).join(" ")}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
