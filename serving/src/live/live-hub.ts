// All live streams of a process and the questions they watch. A question is answered once for all its streams,
// when it is told of a change and now and then without; it rests in between so that all of them together take
// at most about half of a processor.
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { QueryProblem } from "../query/problem.ts";
import type { QueryEngine } from "../query-engine.ts";
import type { Ask } from "./asks.ts";
import type { Changes } from "./change-feed.ts";
import { type EndWhy, parseEventId } from "./frames.ts";
import { LIVE_LIMITS, type LiveLimits } from "./live-limits.ts";
import { LiveQuestion, passes } from "./live-question.ts";
import { LiveStream, type Watched } from "./live-stream.ts";
import { type Pace, REAL_PACE } from "./pace.ts";
import { Upkeep } from "./upkeep.ts";

export interface LiveParts {
  readonly engine: Pick<QueryEngine, "prepare" | "orStale">;
  readonly changes?: Changes;
  readonly limits?: Partial<LiveLimits>;
  readonly pace?: Pace;
  /** Told of what is no reader's fault. */
  readonly onTrouble?: (error: unknown) => void;
  /** Told when a stream ends that its reader did not leave. */
  readonly onEnd?: (why: EndWhy) => void;
}

export interface LiveReader {
  readonly tenant: string;
  readonly asks: readonly Ask[];
  readonly lastEventId: string | undefined;
  readonly allowed: () => Promise<boolean>;
}

export type Full = "too_many_streams" | "too_many_tenant_streams" | "too_many_questions";
export type Opened =
  | { readonly ok: true; start(res: ServerResponse): Full | undefined }
  | { readonly ok: false; readonly problem: QueryProblem }
  | { readonly ok: false; readonly full: Full };

/** A question that is watched, and its loop. */
interface Kept {
  readonly question: LiveQuestion;
  readonly streams: Set<LiveStream>;
  idleSinceMs: number;
  /** Aborted where there was a change since the last look began, or nobody watches any more. */
  wake: AbortController;
  running: boolean;
  opening: number;
}

const MOST_REST_MS = 10_000;

export class LiveHub {
  readonly limits: LiveLimits;
  private readonly parts: LiveParts;
  private readonly pace: Pace;
  private readonly boot = randomUUID().slice(0, 8);
  private readonly kept = new Map<string, Kept>();
  private readonly streams = new Set<LiveStream>();
  private readonly byTenant = new Map<string, number>();
  private readonly stop = new AbortController();
  private readonly upkeep: Upkeep;
  /** Changes are listened to while there are streams. */
  private deafen: (() => void) | undefined;
  private seq = 0;

  constructor(parts: LiveParts) {
    this.parts = parts;
    this.limits = { ...LIVE_LIMITS, ...parts.limits };
    this.pace = parts.pace ?? REAL_PACE;
    this.upkeep = new Upkeep({
      pace: this.pace,
      limits: this.limits,
      signal: this.stop.signal,
      streams: this.streams,
      end: (stream, why) => this.end(stream, why),
      forget: () => this.forgetIdle(),
    });
  }

  get size(): { readonly streams: number; readonly questions: number } {
    return { streams: this.streams.size, questions: this.kept.size };
  }

  /** Throws `store_unavailable` where there is nothing to begin with. */
  async open(reader: LiveReader): Promise<Opened> {
    const full = this.full(reader.tenant);
    if (full) return { ok: false, full };
    const watched: Kept[] = [];
    for (const ask of reader.asks) {
      const kept = this.keptOf(reader.tenant, ask);
      if (!kept) return { ok: false, full: "too_many_questions" };
      watched.push(kept);
    }
    for (const kept of watched) kept.opening++;
    try {
      const problems = await Promise.all(watched.map((k) => k.question.look()));
      const problem = problems.find((p) => p !== undefined);
      if (problem) return { ok: false, problem };
    } finally {
      for (const kept of watched) {
        kept.opening--;
        kept.idleSinceMs = this.pace.now();
        // Nobody is to fill the table with questions that cannot be.
        if (kept.question.book.seq === 0) this.drop(kept);
      }
    }
    return { ok: true, start: (res) => this.start(res, reader, watched) };
  }

  /** Tells every reader that it ends, and why. */
  close(): void {
    this.stop.abort();
    this.listen(false);
    for (const stream of [...this.streams]) this.end(stream, "closing");
    for (const kept of this.kept.values()) kept.wake.abort();
  }

  private start(
    res: ServerResponse,
    reader: LiveReader,
    watched: readonly Kept[],
  ): Full | undefined {
    const full = this.full(reader.tenant);
    if (full) return full;
    res.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      Vary: "Authorization, X-API-Key",
      "X-Accel-Buffering": "no",
    });
    const seq = parseEventId(reader.lastEventId, this.boot);
    const stream = new LiveStream({
      res,
      tenant: reader.tenant,
      watched: watched.map(
        ({ question }, i): Watched => ({ ask: reader.asks[i]?.ask ?? "", question }),
      ),
      boot: this.boot,
      pace: this.pace,
      seq,
      why: reader.lastEventId === undefined ? "start" : "unknown_id",
      allowed: reader.allowed,
    });
    this.streams.add(stream);
    this.listen(true);
    this.byTenant.set(reader.tenant, (this.byTenant.get(reader.tenant) ?? 0) + 1);
    for (const kept of watched) {
      this.kept.set(kept.question.key, kept);
      kept.streams.add(stream);
      if (!kept.running) void this.keep(kept);
    }
    res.on("close", () => this.leave(stream, watched));
    this.upkeep.begin();
    stream.send();
    return undefined;
  }

  private leave(stream: LiveStream, watched: readonly Kept[]): void {
    if (!this.streams.delete(stream)) return;
    if (this.streams.size === 0) this.listen(false);
    const left = (this.byTenant.get(stream.tenant) ?? 1) - 1;
    if (left > 0) this.byTenant.set(stream.tenant, left);
    else this.byTenant.delete(stream.tenant);
    for (const kept of watched) {
      kept.streams.delete(stream);
      kept.idleSinceMs = this.pace.now();
      if (kept.streams.size === 0) kept.wake.abort();
    }
  }

  private listen(listens: boolean): void {
    if (!listens) {
      this.deafen?.();
      this.deafen = undefined;
      return;
    }
    this.deafen ??= this.parts.changes?.listen(({ tenant, metric }) => {
      for (const kept of this.kept.values())
        if (kept.question.tenant === tenant && kept.question.metric === metric) kept.wake.abort();
    });
  }

  private end(stream: LiveStream, why: EndWhy, more?: object): void {
    if (stream.ended) return;
    this.parts.onEnd?.(why);
    stream.end(why, more);
  }

  private full(tenant: string): Full | undefined {
    if (this.stop.signal.aborted || this.streams.size >= this.limits.streams)
      return "too_many_streams";
    const own = this.byTenant.get(tenant) ?? 0;
    return own >= this.limits.tenantStreams ? "too_many_tenant_streams" : undefined;
  }

  private keptOf(tenant: string, { name, params }: Ask): Kept | undefined {
    const question = new LiveQuestion(tenant, name, params, {
      engine: this.parts.engine,
      limits: this.limits,
      pace: this.pace,
      nextSeq: () => ++this.seq,
    });
    const { key } = question;
    const known = this.kept.get(key);
    if (known) return known;
    if (this.kept.size >= this.limits.questions) this.forgetIdle(0);
    if (this.kept.size >= this.limits.questions) return undefined;
    const idleSinceMs = this.pace.now();
    const kept: Kept = {
      question,
      streams: new Set(),
      idleSinceMs,
      wake: new AbortController(),
      running: false,
      opening: 0,
    };
    this.kept.set(key, kept);
    return kept;
  }

  private forgetIdle(afterMs = this.limits.lingerMs): void {
    const now = this.pace.now();
    for (const kept of this.kept.values()) if (now - kept.idleSinceMs >= afterMs) this.drop(kept);
  }

  private drop(kept: Kept): void {
    if (kept.streams.size === 0 && kept.opening === 0) this.kept.delete(kept.question.key);
  }

  /** Until nobody watches. */
  private async keep(kept: Kept): Promise<void> {
    const { lookMs, gatherMs } = this.limits;
    kept.running = true;
    while (kept.streams.size > 0 && !this.stop.signal.aborted) {
      const beganMs = this.pace.now();
      kept.wake = new AbortController();
      await this.lookAndSend(kept);
      const tookMs = this.pace.now() - beganMs;
      const busy = [...this.kept.values()].filter((k) => k.running).length;
      const restMs = Math.min(Math.max(gatherMs, 2 * busy * tookMs), MOST_REST_MS);
      await this.pace.sleep(restMs, this.stop.signal);
      await this.pace.sleep(Math.max(0, lookMs - restMs), kept.wake.signal);
    }
    kept.running = false;
  }

  private async lookAndSend(kept: Kept): Promise<void> {
    let problem: QueryProblem | undefined;
    try {
      problem = await kept.question.look();
    } catch (error) {
      this.parts.onTrouble?.(error);
      if (passes(error)) return;
      for (const stream of [...kept.streams]) this.end(stream, "internal");
      return;
    }
    for (const stream of [...kept.streams]) {
      if (problem) this.end(stream, "question", { ask: askOf(stream, kept.question), problem });
      else stream.send();
    }
  }
}

const askOf = (stream: LiveStream, question: LiveQuestion): string | undefined =>
  stream.watched.find((w) => w.question === question)?.ask;
