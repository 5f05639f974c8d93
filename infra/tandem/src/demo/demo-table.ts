// The demo's lines, asked of the HTTP API like any client would.
import {
  type Answer,
  type AnswerPoint,
  DAY_MS,
  dayStart,
  type EpochMs,
  formatInstant,
  jsonDecimal,
  type UtcDay,
} from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import type { DemoApi } from "./demo-api.ts";
import type { SendCounts } from "./send-due.ts";
import { speedAtRun } from "./speed-at.ts";

const SHOWN = [
  "events",
  "active_users",
  "sessions",
  "session_length",
  "purchases",
  "revenue",
] as const;

async function point(
  api: DemoApi,
  metric: string,
  day: UtcDay,
  layer?: string,
): Promise<AnswerPoint | undefined> {
  const range = `from=${formatInstant(dayStart(day))}&until=${formatInstant(dayStart((day + 1) as UtcDay))}`;
  const response = await fetch(
    `${api.url}/metrics/${metric}?${range}&grain=day${layer ? `&layer=${layer}` : ""}`,
    {
      headers: { authorization: `Bearer ${api.key}` },
    },
  );
  if (!response.ok) return undefined;
  return ((await response.json()) as Answer).points[0];
}

const shown = (p: AnswerPoint | undefined): string =>
  p === undefined ? "–" : p.low === p.high ? String(p.value) : `${p.value} (${p.low} to ${p.high})`;

/** Today so far. */
export async function todayLine(api: DemoApi, now: EpochMs, counts: SendCounts): Promise<string> {
  const day = Math.floor(now / DAY_MS) as UtcDay;
  const values = await Promise.all(
    (["events", "active_users", "sessions", "revenue"] as const).map(
      async (m) => `${m} ${shown(await point(api, m, day))}`,
    ),
  );
  return `${formatInstant(now).slice(0, 16)}  sent ${String(counts.sent).padStart(6)}  ${values.join("  ")}`;
}

/** A closed day, speed beside batch at the same offsets; undefined while it has no run. */
export async function compareLayers(
  api: DemoApi,
  tandem: Tandem,
  day: UtcDay,
): Promise<string[] | undefined> {
  const rows: string[][] = [
    ["metric", "speed", "its interval", "batch", "error", "now, with what came late"],
  ];
  for (const name of SHOWN) {
    const batch = await point(api, name, day, "batch");
    const metric = tandem.metrics.find((m) => m.name === name);
    if (batch?.run === undefined || !metric) return undefined;
    const speed = await speedAtRun(tandem, metric, "demo", day);
    if (!speed?.value || !speed.low || !speed.high) return undefined;
    const now = await point(api, name, day);
    const [s, b] = [Number(jsonDecimal(speed.value)), Number(batch.value)];
    const error = b === 0 ? "–" : `${(((s - b) / b) * 100).toFixed(2)} %`;
    const interval = `${jsonDecimal(speed.low)} to ${jsonDecimal(speed.high)}`;
    rows.push([name, String(s), interval, String(b), error, `${now?.value} (${now?.layer})`]);
  }
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => r[i]?.length ?? 0)));
  return rows.map((r) =>
    r
      .map((c, i) => c.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
