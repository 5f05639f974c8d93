// The query API as functions. Whatever goes wrong outside of the caller is a value; what is thrown is the caller's
// own abort. Asks once: `retryAfterMs` says when again.
import type { Answer } from "./answer.ts";
import { type ApiError, errorOf, notUnderstood, unreachable } from "./api-error.ts";
import type { MetricEntry } from "./catalogue.ts";
import { type LiveMessage, type LiveOptions, live } from "./live.ts";
import { type Question, searchOf } from "./question.ts";
import type { ReconciledDay, ReconciliationQuestion } from "./reconciliation.ts";
import type { SystemReport } from "./system.ts";

export type Result<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** Equal tags, equal answers. */
      readonly tag: string | undefined;
    }
  | { readonly ok: false; readonly error: ApiError };

export interface ClientOptions {
  /** Of serving, such as `https://tandem.example`; what stands before `/metrics`. */
  readonly url: string;
  readonly key?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Longest wait for an answer. Default 35,000: the server's own limit and the way. */
  readonly timeoutMs?: number;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
}

/** What a stream cannot be asked: it has no moment of before and is not refused for its age. */
export type LiveQuestion = Omit<
  Question,
  "asOf" | "cursor" | "max_staleness" | "at_least" | "max_error"
>;

export interface Client {
  metrics(options?: AskOptions): Promise<Result<readonly MetricEntry[]>>;
  /** `metric`: NAME, or NAME@VERSION. */
  query(metric: string, question?: Question, options?: AskOptions): Promise<Result<Answer>>;
  /** Of one reading: their numbers do not contradict each other. In the order of `metrics`. */
  queryMany(
    metrics: readonly string[],
    question?: Question,
    options?: AskOptions,
  ): Promise<Result<readonly Answer[]>>;
  /**
   * The pages of a breakdown, one after another, each group on one of them; `(rest)` and `(other)` on the first alone.
   * Ends with the last page, or with an error: `cursor_gone` where the views have changed and the listing has to be
   * begun again.
   */
  pages(
    metric: string,
    question: Omit<Question, "cursor"> & { readonly limit: number },
    options?: AskOptions,
  ): AsyncGenerator<Result<Answer>, void, undefined>;
  reconciliation(
    question?: ReconciliationQuestion,
    options?: AskOptions,
  ): Promise<Result<readonly ReconciledDay[]>>;
  system(options?: AskOptions): Promise<Result<SystemReport>>;
  /** The answer and then each change of it; see `live`. */
  live(
    metrics: string | readonly string[],
    question?: LiveQuestion,
    options?: Omit<LiveOptions, "url" | "key" | "fetch">,
  ): AsyncGenerator<LiveMessage, void, undefined>;
}

export function createClient(options: ClientOptions): Client {
  const { key, timeoutMs = 35_000 } = options;
  const base = options.url.replace(/\/+$/, "");
  const ask = options.fetch ?? globalThis.fetch.bind(globalThis);
  const own = key === undefined ? {} : { authorization: `Bearer ${key}` };

  async function get<B, T>(
    path: string,
    { signal }: AskOptions,
    pick: (body: B) => T | undefined,
  ): Promise<Result<T>> {
    const late = AbortSignal.timeout(timeoutMs);
    let status = 0;
    try {
      const response = await ask(base + path, {
        headers: { accept: "application/json", ...own },
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      status = response.status;
      if (!response.ok) return { ok: false, error: await errorOf(response) };
      const text = await response.text();
      const value = pickFrom(text, pick);
      if (value === undefined) return { ok: false, error: notUnderstood(status) };
      return { ok: true, value, tag: response.headers.get("etag") ?? undefined };
    } catch {
      signal?.throwIfAborted();
      const why = late.aborted ? `No answer within ${timeoutMs} ms.` : "No answer came.";
      return { ok: false, error: { ...unreachable(why), status } };
    }
  }

  const query: Client["query"] = (metric, question = {}, o = {}) =>
    get(pathOf(metric) + searchOf(question), o, (b: Answer) => b.points && b);

  return {
    metrics: (o = {}) => get("/metrics", o, (b: { metrics: MetricEntry[] }) => b.metrics),
    query,
    async *pages(metric, question, o = {}) {
      for (let cursor = {}; ; ) {
        const page = await query(metric, { ...question, ...cursor }, o);
        yield page;
        if (!page.ok || page.value.next === undefined) return;
        cursor = { cursor: page.value.next };
      }
    },
    queryMany: (metrics, question = {}, o = {}) =>
      get(
        `/query${searchOf({ metrics: metrics.join(","), ...question })}`,
        o,
        (b: { answers: Answer[] }) => b.answers,
      ),
    reconciliation: (question = {}, o = {}) =>
      get(`/reconciliation${searchOf(question)}`, o, (b: { days: ReconciledDay[] }) => b.days),
    system: (o = {}) => get("/system", o, (b: SystemReport) => b.days && b),
    live(metrics, question = {}, o = {}) {
      const path =
        typeof metrics === "string"
          ? `${pathOf(metrics)}/live${searchOf(question)}`
          : `/live${searchOf({ metrics: metrics.join(","), ...question })}`;
      return live({ ...o, url: base + path, fetch: ask, ...(key === undefined ? {} : { key }) });
    },
  };
}

const pathOf = (metric: string): string => `/metrics/${encodeURIComponent(metric)}`;

/** Undefined of a body that is no such JSON: a proxy's page, a login. */
function pickFrom<B, T>(text: string, pick: (body: B) => T | undefined): T | undefined {
  try {
    return pick(JSON.parse(text) as B);
  } catch {
    return undefined;
  }
}
