// The collector's HTTP side: `POST /events` on plain node:http. In the order of what it costs: method,
// headers, key, rate, size, decoding, events. An event is acknowledged only once it is durable in the
// log; a request refused as a whole has left nothing there.
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type ApiKey,
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
import { type ContentEncoding, contentEncodingOf, decodeBody } from "./decode-body.ts";
import type { EventSink } from "./event-sink.ts";
import { type ReadBody, readBody } from "./read-body.ts";
import { REFUSALS, type RefusalCode } from "./refusal.ts";
import { type RefusalDetail, type Reply, refusalReply, retryAfter, send } from "./reply.ts";
import { acceptsType, presentedKey } from "./request-headers.ts";
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
  /** True where the request is the collector's; it is then answered. */
  handle(req: IncomingMessage, res: ServerResponse): boolean;
  stats(): CollectorStats;
  /** Refuses what comes from now on and resolves once nothing is under way. */
  close(): Promise<void>;
}

const PATH = "/events";
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

  /** Undefined where the client went away. */
  async function answer(req: IncomingMessage): Promise<Reply | undefined> {
    if (closing) return refuse("closing", { closes: true });
    if (req.method !== "POST") return refuse("method_not_allowed");
    const { headers } = req;
    if (!acceptsType(headers["content-type"])) return refuse("unsupported_type");
    const encoding = contentEncodingOf(headers["content-encoding"]);
    if (encoding === undefined) return refuse("unsupported_encoding");
    const known = await authenticator.authenticate(presentedKey(headers), "write");
    if (!known.ok) return refuse(known.denial);
    const waitMs = limiter?.waitMs(known.key.id) ?? 0;
    if (waitMs > 0) return refuse("rate_limited", { retryAfterMs: waitMs }, known.key.tenant);
    const body = await readBody(req, limits.bodyBytes, budget);
    if (!body.ok) return refuseBody(body, known.key);
    counters.bodyBytes += body.bytes.length;
    const verbose = VERBOSE.test(req.url ?? "");
    return answerBody(body.bytes, encoding, known.key, verbose, traceOf(headers));
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

  async function answerBody(
    encoded: Buffer,
    encoding: ContentEncoding,
    key: ApiKey,
    verbose: boolean,
    trace: Pick<AcceptRequest, "traceparent">,
  ): Promise<Reply> {
    let bytes = encoded;
    if (encoding !== "identity") {
      const decoded = await decodeBody(encoded, encoding, limits, budget);
      if (!decoded.ok) {
        if (decoded.why === "overloaded") return refuse("overloaded", {}, key.tenant);
        await acceptor.keepBody(encoded, decoded.why, key.tenant);
        const { decodedBytes, ratio, ratioFreeBytes } = limits;
        const expected = `at most ${decodedBytes} bytes decoded, and at most ${ratio} times the encoded size above ${ratioFreeBytes}`;
        return refuse(decoded.why, decoded.why === "too_large" ? { expected } : {});
      }
      bytes = decoded.bytes;
    }
    try {
      counters.decodedBytes += bytes.length;
      const result = await acceptor.accept({
        body: bytes,
        tenant: key.tenant,
        mode: "live",
        verbose,
        ...trace,
      });
      if (result === undefined) {
        return refuse("too_many_events", { expected: `at most ${limits.eventsPerRequest} events` });
      }
      limiter?.spend(key.id, result.sent);
      const { retry } = result;
      if (retry > 0) options.shed?.note(key.tenant, { events: retry, requests: 0 });
      const status = acceptStatus(result);
      return {
        status,
        body: acceptBody(result),
        ...(result.retry > 0 ? { headers: { "retry-after": retryAfter() } } : {}),
      };
    } finally {
      budget.give(bytes.length);
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

  return {
    handle(req, res) {
      const { url = "", method } = req;
      if (url !== PATH && !url.startsWith(`${PATH}?`)) return false;
      const { origin } = req.headers;
      if (method === "OPTIONS") {
        send(res, { status: 204, body: "" }, crossOrigin.preflight(origin));
        return true;
      }
      counters.requests++;
      inFlight++;
      answer(req)
        .catch(answerFailure)
        .then((reply) => {
          if (reply !== undefined) send(res, reply, crossOrigin.headers(origin));
          if (--inFlight === 0) idle?.resolve();
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
