// Trackers on virtual time before a real collector. Between two moments everything that is on its way over the
// real socket arrives; what hangs, hangs until its own time limit.
import type { TestContext } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  createTracker,
  type Drop,
  type Tracker,
  type TrackerOptions,
  type TrackerStorage,
} from "@tandem/tracker";
import {
  DATASET,
  type FixtureOptions,
  NOW,
  startCollector,
} from "../collector/collector-fixture.ts";

export type Trouble =
  | "none"
  | "offline"
  | "hang"
  | "cut after acceptance"
  | "503"
  | "429"
  | "500"
  | "200 of a login page"
  | "the log is down"
  | "the log takes every other";

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

export async function trackStage(t: TestContext, options: FixtureOptions = {}) {
  let trouble: Trouble = "none";
  let nowMs: number = NOW;
  let dues: Due[] = [];
  let open = 0;
  const requests: { texts: string[]; keepalive: boolean; atMs: number }[] = [];
  const collector = await startCollector(t, {
    ...options,
    append: (real) => async (dataset, records) => {
      if (trouble === "the log is down") throw new RangeError("not expected here");
      const taken =
        trouble === "the log takes every other" ? records.filter((_, i) => i % 2 === 0) : records;
      const results = await real(dataset, taken);
      return records.map(
        (r) => results[taken.indexOf(r)] ?? { ok: false, error: new Error("down") },
      );
    },
    partitions: async () => (trouble === "the log is down" ? 0 : 4),
  });

  const clock = {
    now: () => nowMs,
    after(ms: number, run: () => void) {
      const due = { atMs: nowMs + ms, run };
      dues.push(due);
      return () => {
        dues = dues.filter((d) => d !== due);
      };
    },
  };

  const asIs = (status: number, text: string, headers: Record<string, string> = {}) =>
    new Response(text, { status, headers });

  const send: typeof fetch = async (url, init = {}) => {
    const body = init.body as string | Uint8Array;
    const text = typeof body === "string" ? body : gunzipSync(body).toString();
    const texts = text.split("\n").filter((l) => l !== "");
    requests.push({ texts, keepalive: init.keepalive === true, atMs: nowMs });
    if (trouble === "offline") throw new TypeError("fetch failed");
    if (trouble === "503") return asIs(503, "busy", { "retry-after": "120" });
    if (trouble === "429") return asIs(429, '{"error":{}}', { "retry-after": "30" });
    if (trouble === "500") return asIs(500, "<html>");
    if (trouble === "200 of a login page") return asIs(200, "<html>Welcome to the hotel</html>");
    if (trouble === "hang")
      return new Promise((_, reject) => {
        init.signal?.addEventListener("abort", () => reject(new TypeError("aborted")));
      });
    const cut = trouble === "cut after acceptance";
    const { signal: _, keepalive: __, ...rest } = init;
    open++;
    try {
      const answer = await fetch(url, rest);
      const whole = await answer.text();
      if (cut) throw new TypeError("terminated");
      return asIs(answer.status, whole, Object.fromEntries(answer.headers));
    } finally {
      open--;
    }
  };

  /** Everything that can happen without time passing. */
  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 6; quiet = open > 0 ? 0 : quiet + 1)
      await new Promise((resolve) => setImmediate(resolve));
  }

  async function advance(ms: number): Promise<void> {
    const until = nowMs + ms;
    await settle();
    for (;;) {
      const next = dues.reduce<Due | undefined>(
        (a, b) => (a && a.atMs <= b.atMs ? a : b),
        undefined,
      );
      if (!next || next.atMs > until) break;
      dues = dues.filter((d) => d !== next);
      if (next.atMs > nowMs) {
        await collector.wait(next.atMs - nowMs);
        nowMs = next.atMs;
      }
      next.run();
      await settle();
    }
    if (until > nowMs) await collector.wait(until - nowMs);
    nowMs = until;
  }

  let ids = 0;
  const dropped: Drop[] = [];
  const lives = new Map<Tracker, { dead: boolean }>();
  const tracker = (more: Partial<TrackerOptions> = {}): Tracker => {
    const life = { dead: false };
    const { after } = more.clock ?? clock;
    const made = createTracker({
      url: `${collector.url}/events`,
      key: collector.presented,
      random: () => 0.5,
      newId: () => `e${String(ids++).padStart(6, "0")}`,
      storage: memoryStorage(),
      locks: undefined,
      page: () => () => undefined,
      onDrop: (drop) => dropped.push(drop),
      gzip: async (text) => new Uint8Array(gzipSync(text)),
      ...more,
      clock: { ...clock, after: (ms, run) => after(ms, () => !life.dead && run()) },
      fetch: async (url, init) => {
        const answer = await (more.fetch ?? send)(url, init);
        return life.dead ? new Promise(() => undefined) : answer;
      },
    });
    lives.set(made, life);
    return made;
  };

  /** Ids in the log, copies included. */
  async function arrived(): Promise<string[]> {
    return (await collector.stored()).map(({ json }) => JSON.parse(json).event_id).sort();
  }

  return {
    clock,
    collector,
    dataset: DATASET,
    tracker,
    /** Nothing of it runs any more, and nothing that it asked for comes back to it. */
    kill(tracker: Tracker): void {
      Object.assign(lives.get(tracker) ?? {}, { dead: true });
    },
    advance,
    settle,
    arrived,
    dropped,
    requests,
    send,
    is(now: Trouble): void {
      trouble = now;
    },
  };
}

export function memoryStorage(): TrackerStorage & { readonly held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    keys: () => [...held.keys()],
    get: (key) => held.get(key),
    set: (key, value) => void held.set(key, value),
    remove: (key) => void held.delete(key),
  };
}

export const HOUR = 3_600_000;
