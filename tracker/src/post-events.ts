// One request to the collector, and what its answer means for each event. Only the collector's own word that an
// event is accepted or rejected counts: any other answer (a proxy's page, a login, a cut line) leaves it waiting.
import type { TrackerClock } from "./options.ts";

export interface PostParts {
  readonly url: string;
  readonly key: string;
  readonly timeoutMs: number;
  readonly clock: TrackerClock;
  readonly fetch: typeof globalThis.fetch;
  readonly gzip: ((text: string) => Promise<Uint8Array<ArrayBuffer>>) | undefined;
}

export type Verdict = "accepted" | "retry" | { readonly rejected: string };

export type Outcome =
  /** By position. */
  | { readonly kind: "answered"; readonly verdicts: readonly Verdict[]; readonly afterMs: number }
  | { readonly kind: "later"; readonly afterMs: number }
  /** Too much at once. */
  | { readonly kind: "smaller" }
  /** What is between here and there does not take gzip. */
  | { readonly kind: "plain" };

interface Answer {
  readonly accepted: number;
  readonly retry: number;
  readonly rejected: number;
  readonly results: readonly {
    readonly index: number;
    readonly status: string;
    readonly reason?: string;
  }[];
}

const GZIP_FROM_CHARS = 1000;

/** `leaving`: the page goes away; the request must be out before this returns to the event loop. */
export async function postEvents(
  parts: PostParts,
  texts: readonly string[],
  leaving: boolean,
): Promise<Outcome> {
  const { url, key, clock, timeoutMs, gzip } = parts;
  const sentAt = `,"sent_at":${Math.floor(clock.now())}}\n`;
  const text = texts.map((t) => t.slice(0, -1) + sentAt).join("");
  const headers: Record<string, string> = {
    authorization: `Bearer ${key}`,
    "content-type": "application/x-ndjson",
  };
  let body: string | Uint8Array<ArrayBuffer> = text;
  if (gzip && !leaving && text.length >= GZIP_FROM_CHARS) {
    try {
      body = await gzip(text);
      headers["content-encoding"] = "gzip";
    } catch {
      // As it is, then.
    }
  }
  const cut = new AbortController();
  const done = clock.after(timeoutMs, () => cut.abort());
  try {
    const init = { method: "POST", headers, body, keepalive: leaving, signal: cut.signal };
    const answer = await parts.fetch(url, init);
    const { status } = answer;
    const afterMs = retryAfterMs(answer.headers.get("retry-after"), clock.now());
    const said: unknown = await answer.json().catch(() => undefined);
    const verdicts = verdictsOf(said, texts.length);
    if (verdicts) return { kind: "answered", verdicts, afterMs };
    if (status === 413) return { kind: "smaller" };
    if (typeof body !== "string" && (status === 400 || status === 415)) return { kind: "plain" };
    // The body was not understood as what it is: perhaps one event alone is the trouble.
    if (status === 400 && texts.length > 1) return { kind: "smaller" };
    return { kind: "later", afterMs };
  } catch {
    return { kind: "later", afterMs: 0 };
  } finally {
    done();
  }
}

/** Undefined where that is no answer to this many events. */
function verdictsOf(said: unknown, count: number): Verdict[] | undefined {
  const { accepted, retry, rejected, results } = (said ?? {}) as Partial<Answer>;
  if (!Array.isArray(results) || Number(accepted) + Number(retry) + Number(rejected) !== count)
    return undefined;
  const listed = new Map(results.map((r: Answer["results"][number]) => [r.index, r]));
  // Where not all that failed are listed, nobody knows which of the others did.
  const failed = results.filter((r) => r.status !== "accepted").length;
  const other: Verdict = failed === Number(retry) + Number(rejected) ? "accepted" : "retry";
  return Array.from({ length: count }, (_, i) => {
    const one = listed.get(i);
    if (!one || one.status === "accepted") return one ? "accepted" : other;
    return one.status === "rejected" ? { rejected: String(one.reason) } : "retry";
  });
}

/** Seconds or a date (RFC 9110, 10.2.3), at most an hour. */
function retryAfterMs(text: string | null, now: number): number {
  if (text === null) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Math.min(Math.max(ms || 0, 0), 3_600_000);
}
