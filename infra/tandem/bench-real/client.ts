// What a benchmark sends and asks over HTTP: bodies made beforehand, so that nothing is composed while the
// clock runs.
import type { Workload } from "../bench/workload.ts";

export interface Target {
  readonly url: string;
  readonly key: string;
}

/**
 * The workload as NDJSON bodies, with ids that begin with `prefix`, and the time of now instead of its own,
 * or its time of day on `day`.
 */
export function* bodiesOf(
  w: Workload,
  eventsEach: number,
  prefix = "",
  day?: string,
): Generator<string> {
  const now = new Date().toISOString();
  const [pattern, time] =
    day === undefined
      ? [/"timestamp":"[^"]*"/g, `"timestamp":"${now}"`]
      : [/"timestamp":"[\d-]*/g, `"timestamp":"${day}`];
  for (let from = 0; from < w.count; from += eventsEach) {
    const until = Math.min(w.count, from + eventsEach);
    const lines = Buffer.from(w.bytes.subarray(w.starts[from]!, w.ends[until - 1]!))
      .toString("latin1")
      .replace(pattern, time);
    yield prefix === "" ? lines : lines.replaceAll('"event_id":"', `"event_id":"${prefix}`);
  }
}

export async function post({ url, key }: Target, body: string): Promise<void> {
  const headers = { "content-type": "application/x-ndjson", authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/events`, { method: "POST", headers, body });
  const text = await response.text();
  if (response.status !== 202) throw new RangeError(`${response.status}: ${text.slice(0, 300)}`);
}

/** The metric's value over the whole range. */
export async function totalOf(
  { url, key }: Target,
  metric: string,
  query: Readonly<Record<string, string>>,
): Promise<number> {
  const params = new URLSearchParams({ grain: "total", ...query });
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/metrics/${metric}?${params}`, { headers });
  const answer = (await response.json()) as { points?: { value: number | string | null }[] };
  if (!answer.points) throw new RangeError(JSON.stringify(answer));
  return answer.points.reduce((sum, p) => sum + Number(p.value ?? 0), 0);
}
