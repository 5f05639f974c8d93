// The serving API on Express: a route table, one way in (key, limits, time) and one way out. The tenant
// comes from the key alone.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type Clock,
  createAuthenticator,
  datasetKey,
  type KeyHash,
  type KeyStore,
  NO_TELEMETRY,
  type Scope,
  TandemError,
  type Telemetry,
  traceIdOf,
} from "@tandem/shared-logic";
import express, { type Express } from "express";
import helmet from "helmet";
import type { Changes } from "../live/change-feed.ts";
import { LiveHub } from "../live/live-hub.ts";
import type { LiveLimits } from "../live/live-limits.ts";
import type { Pace } from "../live/pace.ts";
import { QueryEngine } from "../query-engine.ts";
import type { QueryEngineOptions } from "../query-engine-options.ts";
import { type RejectedEvents, systemReport } from "../system-report.ts";
import { webAnswer } from "../web/web-answer.ts";
import { type Asked, paramsOf, presentedKey } from "./asked.ts";
import { BodyCache } from "./body-cache.ts";
import { liveAnswer } from "./live-answer.ts";
import { metricAnswer } from "./metric-answer.ts";
import { metricAnswers } from "./metric-answers.ts";
import { openApiDocument } from "./open-api.ts";
import { reconciliation } from "./reconciliation.ts";
import { jsonReply, type Reply, refusal } from "./reply.ts";
import { type Operation, ROUTES, type Route } from "./routes.ts";
import { send } from "./send.ts";

/** The part of a pino logger that is used. Keys, values and addresses are never logged. */
export interface ServingLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface ServingLimits {
  readonly addressBytes: number;
  readonly requestMs: number;
  readonly inFlight: number;
}

export const SERVING_LIMITS: ServingLimits = {
  addressBytes: 8192,
  requestMs: 30_000,
  inFlight: 256,
};

export interface ServingOptions extends QueryEngineOptions {
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly keys: KeyStore;
  readonly hash: KeyHash;
  readonly logger: ServingLogger;
  readonly telemetry?: Telemetry;
  /** Absent: made of the other options. */
  readonly engine?: QueryEngine;
  readonly serving?: Partial<ServingLimits>;
  readonly version?: string;
  /** Who tells of changes as they happen; absent: they are found by looking. */
  readonly changes?: Changes;
  readonly live?: Partial<LiveLimits>;
  /** Where rejected events are kept; absent: the system report says nothing of them. */
  readonly deadLetters?: RejectedEvents;
  /** The time of live streams; the process's own unless given. */
  readonly pace?: Pace;
}

export interface Serving {
  readonly app: Express;
  readonly engine: QueryEngine;
  readonly live: LiveHub;
  /** Ends live streams; other requests are the server's to wait for. */
  close(): void;
  handle(req: IncomingMessage, res: ServerResponse): void;
}

type Handler = (asked: Asked) => Promise<Reply>;
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

export function createServing(options: ServingOptions): Serving {
  const { views, clock, dataset, logger, telemetry = NO_TELEMETRY } = options;
  const limits = { ...SERVING_LIMITS, ...options.serving };
  const engine = options.engine ?? new QueryEngine(options);
  const authenticator = createAuthenticator(options);
  const bodies = new BodyCache();
  const document = jsonReply(200, openApiDocument(options.version ?? "0.1.0"));
  const live = new LiveHub({
    engine,
    ...(options.changes ? { changes: options.changes } : {}),
    ...(options.live ? { limits: options.live } : {}),
    ...(options.pace ? { pace: options.pace } : {}),
    onTrouble: (err) => logger.warn({ err }, "a live question failed"),
    onEnd: (why) => telemetry.add("live_streams_ended_total", 1, { reason: why }),
  });
  telemetry.onScrape(() => telemetry.set("live_streams", live.size.streams));
  const report = systemReport(options);
  let inFlight = 0;

  const handlers: Readonly<Record<Operation, Handler>> = {
    listMetrics: async () => jsonReply(200, { metrics: await engine.catalogue() }),
    queryMetric: (asked) => metricAnswer(engine, bodies, asked),
    liveMetric: (asked) => liveAnswer(live, asked),
    live: (asked) => liveAnswer(live, asked),
    queryMetrics: (asked) => metricAnswers(engine, bodies, asked),
    reconciliation: (asked) => reconciliation(views, dataset, asked),
    system: async ({ tenant }) => jsonReply(200, await report(tenant)),
    openapi: async () => document,
    health: async () => jsonReply(200, { status: "ok" }),
    async ready() {
      const answers = await views.ledger(datasetKey(dataset)).then(
        (row) => row !== undefined,
        () => false,
      );
      return jsonReply(answers ? 200 : 503, { status: answers ? "ok" : "unavailable" });
    },
  };

  async function answer(route: Route, req: IncomingMessage, path: Asked["path"]): Promise<Reply> {
    const url = req.url ?? "";
    const { scope } = route;
    const authenticate = (wanted: Scope) =>
      authenticator.authenticate(presentedKey(req.headers), wanted);
    let tenant = "";
    if (scope !== undefined) {
      const known = await authenticate(scope);
      if (!known.ok)
        return refusal(
          known.denial,
          known.denial === "key_scope" ? { expected: `scope ${scope}` } : {},
        );
      tenant = known.key.tenant;
    }
    const { accept, "if-none-match": ifNoneMatch } = req.headers;
    const lastEventId = req.headers["last-event-id"]?.toString();
    const allowed = async () => scope === undefined || (await authenticate(scope)).ok;
    const params = paramsOf(url);
    const asked = { tenant, path, params, ifNoneMatch, accept, lastEventId, allowed };
    return handlers[route.operation](asked);
  }

  /** One request's trouble is never the process's. */
  function failed(error: unknown, requestId: string): Reply {
    if (error instanceof URIError) return refusal("bad_address");
    if (error instanceof TandemError && error.retryable) {
      logger.warn({ requestId, code: error.code }, "the stores do not answer");
      return refusal("store_unavailable");
    }
    logger.error({ requestId, err: error }, "a request failed");
    return refusal("internal");
  }

  async function respond(
    req: IncomingMessage,
    res: ServerResponse,
    operation: string,
    make: () => Promise<Reply>,
  ) {
    const requestId = res.getHeader("X-Request-Id")?.toString() ?? "";
    const startedMs = clock.now();
    let reply: Reply;
    inFlight++;
    try {
      reply =
        inFlight > limits.inFlight ? refusal("overloaded") : await within(limits.requestMs, make());
    } catch (error) {
      reply = failed(error, requestId);
    } finally {
      inFlight--;
    }
    await send(req, res, reply);
    const { status } = reply;
    const tookMs = clock.now() - startedMs;
    const traceId = traceIdOf(req.headers["traceparent"]);
    telemetry.add("queries_total", 1, { operation, status: String(status) });
    telemetry.observe("query_duration_seconds", tookMs / 1000, { operation });
    logger.info({ requestId, operation, status, tookMs, ...(traceId && { traceId }) }, "answered");
  }

  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", false);
  app.set("strict routing", true);
  app.use(helmet());
  app.use((req, res, next) => {
    const given = req.headers["x-request-id"];
    const requestId = typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
    res.setHeader("X-Request-Id", requestId);
    if (req.url.length <= limits.addressBytes) next();
    else void respond(req, res, "none", async () => refusal("address_too_long"));
  });
  app.use((req, res, next) => {
    webAnswer(req, res).then((answered) => answered || next(), next);
  });
  for (const path of new Set(ROUTES.map((r) => r.path))) {
    const here = ROUTES.filter((r) => r.path === path);
    const allowed = here.flatMap((r) => (r.method === "GET" ? ["GET", "HEAD"] : [r.method]));
    app.all(path.replaceAll(/\{(\w+)\}/g, ":$1"), (req, res) => {
      const method = req.method === "HEAD" ? "GET" : req.method;
      const route = here.find((r) => r.method === method);
      const make = route
        ? () => answer(route, req, req.params as Record<string, string>)
        : async () =>
            refusal("method_not_allowed", {
              expected: allowed.join(", "),
              headers: { Allow: allowed.join(", ") },
            });
      return respond(req, res, route?.operation ?? "none", make);
    });
  }
  app.use((req, res) => respond(req, res, "none", async () => refusal("not_found")));
  const onError: express.ErrorRequestHandler = (error, req, res, _next) =>
    respond(req, res, "none", () => Promise.reject(error));
  app.use(onError);
  return {
    app,
    engine,
    live,
    close: () => live.close(),
    handle: (req, res) => app(req, res),
  };
}

/** The work goes on in the background; its result is not waited for any longer. */
async function within(ms: number, work: Promise<Reply>): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Reply>((resolve) => {
    timer = setTimeout(() => resolve(refusal("timeout")), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
