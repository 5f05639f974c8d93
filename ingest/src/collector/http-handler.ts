// The collector's HTTP side: `POST /events` on node:http, and plain requests without it. In the order of what it costs:
// method, headers, key, rate, size, decoding, events; of a plain request the body is there before. An event is acknowledged
// only once it is durable in the log; a request refused as a whole has left nothing there.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import {
  type ApiKey,
  type Authentication,
  type Clock,
  createAuthenticator,
  type DeadLetters,
  type KeyHash,
  type KeyStore,
  type Notifications,
  TandemError,
  traceIdOf,
} from "@tandem/shared-logic";
import { acceptBody, acceptStatus } from "./accept-answer.ts";
import { type AcceptRequest, createAcceptor } from "./accept-events.ts";
import { byteBudget } from "./byte-budget.ts";
import { type CollectorCounters, collectorCounters } from "./collector-counters.ts";
import { COLLECTOR_LIMITS, type CollectorLimits } from "./collector-limits.ts";
import type { CollectorLogger } from "./collector-logger.ts";
import { cors, type Origins } from "./cors.ts";
import { type ContentEncoding, decodeBody } from "./decode-body.ts";
import type { EventSink } from "./event-sink.ts";
import type { PlainDesk } from "./plain-connection.ts";
import { readPlainRequests } from "./plain-connections.ts";
import type { PlainHead } from "./plain-head.ts";
import { type ReadBody, readBody } from "./read-body.ts";
import { REFUSALS, type RefusalCode } from "./refusal.ts";
import { type RefusalDetail, type Reply, refusalReply, retryAfter, send } from "./reply.ts";
import { type Asking, askingOf } from "./request-headers.ts";
import type { ShedNotes } from "./shed-book.ts";
import { rateLimiter } from "./token-bucket.ts";

export interface CollectorOptions {
  /** A log, or one with a spool before it. */
  readonly log: EventSink;
  readonly dataset: string;
  readonly keys: KeyStore;
  readonly hash: KeyHash;
  readonly deadLetters: Pick<DeadLetters, "add">;
  readonly clock: Clock;
  readonly limits?: Partial<CollectorLimits>;
  /** Default `*`. */
  readonly origins?: Origins;
  readonly counters?: CollectorCounters;
  readonly logger?: CollectorLogger;
  /** Told of what is sent away, to be sent again. */
  readonly shed?: ShedNotes;
  /** Whoever listens hears of late events. */
  readonly notifications?: Pick<Notifications, "publish">;
}

export interface CollectorStats extends CollectorCounters {
  readonly inFlight: number;
  readonly heldBytes: number;
}

export interface Collector {
  /**
   * Answers plain requests of this server's connections itself, which must hand the others to `handle`; it must not listen
   * yet. `sweepMs`: how often it is looked at which connections say nothing.
   */
  readPlain(server: Server, sweepMs?: number): void;
  /** True where the request is the collector's; it is then answered. */
  handle(req: IncomingMessage, res: ServerResponse): boolean;
  stats(): CollectorStats;
  /** Refuses what comes from now on and resolves once nothing is under way. */
  close(): Promise<void>;
}

interface Admitted {
  readonly encoding: ContentEncoding;
  readonly key: ApiKey;
}

const isReply = (found: Admitted | Reply): found is Reply => "status" in found;

const PATH = "/events";
/** A body that is larger is worth what node:http takes for it, and is read only once its key is known. */
const PLAIN_BODY_BYTES = 64 * 1024;
const VERBOSE = /[?&]verbose=1(?:&|$)/;

export function createCollector(options: CollectorOptions): Collector {
  const { clock, logger, counters = collectorCounters(), origins = "*" } = options;
  const limits: CollectorLimits = { ...COLLECTOR_LIMITS, ...options.limits };
  const authenticator = createAuthenticator(options);
  const acceptor = createAcceptor({ ...options, limits, counters });
  const limiter = limits.rate && rateLimiter(limits.rate, clock);
  const budget = byteBudget(limits.heldBytes);
  const crossOrigin = cors(origins);
  let inFlight = 0;
  let closing = false;
  let idle: PromiseWithResolvers<void> | undefined;

  function refuse(code: RefusalCode, detail?: RefusalDetail, tenant?: string): Reply {
    counters.refusedBy[code]++;
    const { status } = REFUSALS[code];
    if (status === 429 || status === 503) options.shed?.note(tenant, { events: 0, requests: 1 });
    return refusalReply(code, detail);
  }

  /** Whether a POST may be sent at all: how its body is encoded and whose key it has, or why not. */
  function admit({
    typeAccepted,
    encoding,
    key,
  }: Asking): Admitted | Reply | Promise<Admitted | Reply> {
    if (!typeAccepted) return refuse("unsupported_type");
    if (encoding === undefined) return refuse("unsupported_encoding");
    const known = authenticator.authenticate(key, "write");
    // Who need not wait goes on in this turn: hardly anybody does.
    if (known instanceof Promise) return known.then((found) => admitKey(encoding, found));
    return admitKey(encoding, known);
  }

  function admitKey(encoding: ContentEncoding, known: Authentication): Admitted | Reply {
    if (!known.ok) return refuse(known.denial);
    const waitMs = limiter?.waitMs(known.key.id) ?? 0;
    if (waitMs > 0) return refuse("rate_limited", { retryAfterMs: waitMs }, known.key.tenant);
    return { encoding, key: known.key };
  }

  /** Undefined where the client went away. */
  async function answer(req: IncomingMessage): Promise<Reply | undefined> {
    if (closing) return refuse("closing", { closes: true });
    if (req.method !== "POST") return refuse("method_not_allowed");
    const { headers } = req;
    const admitted = await admit(askingOf(headers));
    if (isReply(admitted)) return admitted;
    const body = await readBody(req, limits.bodyBytes, budget);
    if (!body.ok) return refuseBody(body, admitted.key);
    return answerBody(body.bytes, admitted, VERBOSE.test(req.url ?? ""), traceOf(headers));
  }

  /** As `answer`, of a request whose body is there. Never rejects. */
  async function answerPlain({ url, asking }: PlainHead, body: Buffer): Promise<Reply> {
    try {
      if (closing) return refuse("closing", { closes: true });
      const admission = admit(asking);
      const admitted = admission instanceof Promise ? await admission : admission;
      if (isReply(admitted)) return admitted;
      if (!budget.take(body.length)) return refuse("overloaded", {}, admitted.key.tenant);
      return await answerBody(body, admitted, VERBOSE.test(url), NO_TRACE);
    } catch (error) {
      return answerFailure(error);
    }
  }

  async function refuseBody(
    body: Extract<ReadBody, { ok: false }>,
    key: ApiKey,
  ): Promise<Reply | undefined> {
    if (body.why === "aborted") {
      counters.aborted++;
      return undefined;
    }
    if (body.why === "overloaded") return refuse("overloaded", { closes: true }, key.tenant);
    await acceptor.keepBody(body.head, "too_large", key.tenant);
    return refuse("too_large", { expected: `at most ${limits.bodyBytes} bytes`, closes: true });
  }

  function answerBody(
    encoded: Buffer,
    admitted: Admitted,
    verbose: boolean,
    trace: Pick<AcceptRequest, "traceparent">,
  ): Promise<Reply> {
    const { encoding } = admitted;
    counters.bodyBytes += encoded.length;
    if (encoding === "identity") return answerEvents(encoded, admitted, verbose, trace);
    return answerEncoded(encoded, encoding, admitted, verbose, trace);
  }

  async function answerEncoded(
    encoded: Buffer,
    encoding: Exclude<ContentEncoding, "identity">,
    admitted: Admitted,
    verbose: boolean,
    trace: Pick<AcceptRequest, "traceparent">,
  ): Promise<Reply> {
    const { tenant } = admitted.key;
    const decoded = await decodeBody(encoded, encoding, limits, budget);
    if (decoded.ok) return answerEvents(decoded.bytes, admitted, verbose, trace);
    if (decoded.why === "overloaded") return refuse("overloaded", {}, tenant);
    await acceptor.keepBody(encoded, decoded.why, tenant);
    const { decodedBytes, ratio, ratioFreeBytes } = limits;
    const expected = `at most ${decodedBytes} bytes decoded, and at most ${ratio} times the encoded size above ${ratioFreeBytes}`;
    return refuse(decoded.why, decoded.why === "too_large" ? { expected } : {});
  }

  /** Gives back what the body held of the budget. */
  async function answerEvents(
    body: Buffer,
    { key }: Admitted,
    verbose: boolean,
    trace: Pick<AcceptRequest, "traceparent">,
  ): Promise<Reply> {
    try {
      counters.decodedBytes += body.length;
      const { tenant } = key;
      const result = await acceptor.accept({ body, tenant, mode: "live", verbose, ...trace });
      if (result === undefined) {
        return refuse("too_many_events", { expected: `at most ${limits.eventsPerRequest} events` });
      }
      limiter?.spend(key.id, result.sent);
      const { retry } = result;
      if (retry > 0) options.shed?.note(tenant, { events: retry, requests: 0 });
      const reply = { status: acceptStatus(result), body: acceptBody(result) };
      return retry > 0 ? { ...reply, headers: { "retry-after": retryAfter() } } : reply;
    } finally {
      budget.give(body.length);
    }
  }

  /** Whatever went wrong is one request's trouble, never the process's. */
  function answerFailure(error: unknown): Reply {
    if (error instanceof TandemError && error.retryable) {
      logger?.warn({ code: error.code }, "API keys cannot be checked");
      return refuse("store_unavailable");
    }
    logger?.error({ err: error }, "a request failed");
    return refuse("internal");
  }

  function begin(): void {
    counters.requests++;
    inFlight++;
  }

  function settle(): void {
    if (--inFlight === 0) idle?.resolve();
  }

  const desk: PlainDesk = {
    bodyBytes: Math.min(PLAIN_BODY_BYTES, limits.bodyBytes),
    begin,
    hold: (sizeBytes) => budget.take(sizeBytes),
    leave(why, heldBytes) {
      budget.give(heldBytes);
      if (why === "aborted") counters.aborted++;
      else counters.requests--;
      settle();
    },
    settle,
    answer(head, body, heldBytes) {
      budget.give(heldBytes);
      const answered = answerPlain(head, body);
      const { origin } = head;
      if (origin === undefined && origins === "*") return answered;
      return answered.then((reply) => {
        return { ...reply, headers: { ...crossOrigin.headers(origin), ...reply.headers } };
      });
    },
  };

  return {
    readPlain: (server, sweepMs) => readPlainRequests(server, desk, sweepMs),
    handle(req, res) {
      const { url = "", method } = req;
      if (url !== PATH && !url.startsWith(`${PATH}?`)) return false;
      const { origin } = req.headers;
      if (method === "OPTIONS") {
        send(res, { status: 204, body: "" }, crossOrigin.preflight(origin));
        return true;
      }
      begin();
      answer(req)
        .catch(answerFailure)
        .then((reply) => {
          if (reply !== undefined) send(res, reply, crossOrigin.headers(origin));
          settle();
        });
      return true;
    },
    stats: () => ({ ...counters, inFlight, heldBytes: budget.heldBytes }),
    close() {
      closing = true;
      idle ??= Promise.withResolvers();
      if (inFlight === 0) idle.resolve();
      return idle.promise;
    },
  };
}

const NO_TRACE = {};
/** Of a valid `traceparent`, the part that every version has. */
function traceOf({ traceparent }: IncomingMessage["headers"]): Pick<AcceptRequest, "traceparent"> {
  if (typeof traceparent !== "string" || traceIdOf(traceparent) === undefined) return NO_TRACE;
  return { traceparent: traceparent.slice(0, 55) };
}
