// Live answers over server-sent events (WHATWG HTML, 9.2), by fetch: unlike EventSource it can send a key. Comes
// again where it was cut off (Last-Event-ID), waits longer each time that fails, and ends where coming again is
// of no use. Messages: docs/live.md.
import type { AnswerHead, Point } from "./answer.ts";

export type LivePoint = Point;

/** What an answer says beside its points; as `GET /metrics/{name}` does. */
export interface LiveHead extends AnswerHead {
  /** The question, as it was asked. */
  readonly ask: string;
}

/** The whole answer; what was told of the question before does not count any more. */
export interface LiveReset extends LiveHead {
  readonly event: "reset";
  readonly why: "start" | "unknown_id" | "version";
  readonly points: readonly Point[];
}

/** The points that changed, in place of those with the same `from` and `by`. */
export interface LiveCells extends LiveHead {
  readonly event: "cells";
  readonly points: readonly Point[];
  readonly gone: readonly Pick<Point, "from" | "by">[];
  /** The groups of each window in their order, where it is another one than before. */
  readonly order?: readonly NonNullable<Point["by"]>[];
}

/** The server ended the stream. The reader comes again by itself unless the key or the question cannot be. */
export interface LiveEnd {
  readonly event: "end";
  readonly why: "closing" | "slow_reader" | "key" | "question" | "internal";
  readonly ask?: string;
  readonly problem?: unknown;
}

/** The connection was lost or not made; it is tried again after `againMs`. */
export interface LiveLost {
  readonly event: "lost";
  readonly againMs: number;
  /** Of the answer that was no stream. */
  readonly status?: number;
}

export type LiveMessage = LiveReset | LiveCells | LiveEnd | LiveLost;

export interface LiveOptions {
  /** Of serving, and what is asked: `/metrics/NAME/live?…` or `/live?metrics=…&ask=…`. */
  readonly url: string;
  readonly key?: string;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof globalThis.fetch;
  /** Without a byte for so long, heartbeats included, the connection counts as dead. Default 45,000. */
  readonly silenceMs?: number;
  /** Longest wait between two attempts. Default 30,000. */
  readonly mostWaitMs?: number;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The server's no: coming again would not help. */
export class LiveRefused extends Error {
  readonly status: number;
  /** The answer's body. */
  readonly body: string;
  constructor(status: number, body: string) {
    super(`the live stream was refused with ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** Never ends by itself but after an `end` that is for good; throws LiveRefused where asking again is of no use. */
export async function* live(options: LiveOptions): AsyncGenerator<LiveMessage, void, undefined> {
  const { fetch: ask = fetch, mostWaitMs = 30_000, random = Math.random, sleep = wait } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const state: Resumption = { id: undefined, retryMs: 1000 };
  let failures = 0;
  try {
    while (!signal.aborted) {
      const attempt = new AbortController();
      const cut = AbortSignal.any([signal, attempt.signal]);
      let status: number | undefined;
      let afterMs = 0;
      try {
        const headers = {
          accept: "text/event-stream",
          ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
          ...(state.id === undefined ? {} : { "last-event-id": state.id }),
        };
        const answer = await ask(options.url, { headers, signal: cut, cache: "no-store" });
        status = answer.status;
        if (status === 200 && answer.body) {
          const chunks = unlessSilent(answer.body, attempt, options.silenceMs ?? 45_000);
          for await (const message of messages(chunks, state)) {
            failures = 0;
            yield message;
            if (message.event === "end" && (message.why === "key" || message.why === "question"))
              return;
          }
        } else {
          const body = await answer.text();
          if (status < 500 && status !== 429 && status !== 408) throw new LiveRefused(status, body);
          afterMs = 1000 * (Number(answer.headers.get("retry-after")) || 0);
        }
      } catch (error) {
        if (error instanceof LiveRefused) throw error;
        if (signal.aborted) return;
      } finally {
        attempt.abort();
      }
      const backOffMs = Math.min(mostWaitMs, state.retryMs * 2 ** Math.min(failures++, 10));
      // Half of it is chance, so that a thousand readers do not come back at once.
      const againMs = Math.max(afterMs, Math.round(backOffMs * (0.5 + random() / 2)));
      yield {
        event: "lost",
        againMs,
        ...(status === undefined || status === 200 ? {} : { status }),
      };
      await sleep(againMs, signal);
    }
  } finally {
    stop.abort();
  }
}

/** The answer after a message: a reset's own, or the one before with the changes in it. */
export function applyLive(
  before: LiveReset | undefined,
  message: LiveReset | LiveCells,
): LiveReset | undefined {
  if (message.event === "reset") return message;
  if (before === undefined) return undefined;
  const keyOf = (p: Pick<Point, "from" | "by">): string => JSON.stringify([p.from, p.by]);
  const points = new Map(before.points.map((p) => [keyOf(p), p]));
  for (const gone of message.gone) points.delete(keyOf(gone));
  for (const point of message.points) points.set(keyOf(point), point);
  const { gone: _g, order, ...head } = message;
  const places = new Map(order?.map((by, place) => [JSON.stringify(by), place]));
  const place = ({ by }: Point): number => (order ? (places.get(JSON.stringify(by)) ?? 0) : 0);
  const inOrder = [...points.values()].sort(
    (a, b) => Date.parse(a.from) - Date.parse(b.from) || place(a) - place(b),
  );
  return { ...head, event: "reset", why: before.why, points: inOrder };
}

interface Resumption {
  id: string | undefined;
  retryMs: number;
}

async function* messages(
  chunks: AsyncIterable<Uint8Array>,
  state: Resumption,
): AsyncGenerator<LiveMessage> {
  const decoder = new TextDecoder();
  let text = "";
  let event = "";
  let data = "";
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const raw of lines) {
      const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
      if (line === "") {
        if (data !== "" && (event === "reset" || event === "cells" || event === "end"))
          yield { event, ...JSON.parse(data) } as LiveMessage;
        event = data = "";
        continue;
      }
      const [, field, value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (field === "event") event = value;
      else if (field === "data") data += data === "" ? value : `\n${value}`;
      else if (field === "id") state.id = value;
      else if (field === "retry" && /^\d+$/.test(value)) state.retryMs = Number(value);
    }
  }
}

async function* unlessSilent(
  body: ReadableStream<Uint8Array>,
  attempt: AbortController,
  silenceMs: number,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      timer = setTimeout(() => attempt.abort(), silenceMs);
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => undefined);
  }
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
