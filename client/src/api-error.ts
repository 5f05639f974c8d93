// What is answered where there is no answer: a value with what would work, never an exception.

export type ErrorCode =
  // The question.
  | "bad_query"
  | "unknown_metric"
  | "too_much"
  | "too_uncertain"
  | "not_yet"
  | "cursor_gone"
  // The request.
  | "key_missing"
  | "key_malformed"
  | "key_unknown"
  | "key_revoked"
  | "key_scope"
  | "not_found"
  | "not_acceptable"
  | "method_not_allowed"
  | "bad_address"
  | "address_too_long"
  // The server does not answer as it should.
  | "overloaded"
  | "too_many_streams"
  | "too_many_tenant_streams"
  | "too_many_questions"
  | "timeout"
  | "store_unavailable"
  | "internal";

/** As the API tells it. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly parameter?: string;
  readonly expected?: string;
  readonly got?: string;
  readonly would_work?: readonly string[];
  readonly cost?: { readonly cells: number; readonly limit: number };
  readonly lag?: { readonly stale_ms: number | null; readonly records: number };
}

export interface ApiError extends ToldError {
  /** `unreachable`: no answer came, or not in time. `not_understood`: something else than this API answered. */
  readonly code: ErrorCode | "unreachable" | "not_understood" | (string & {});
  /** 0 where no answer came. */
  readonly status: number;
  /** Values to put in the place of what was given; empty where it is not known. */
  readonly would_work: readonly string[];
  /** When the same may do, as the server says. */
  readonly retryAfterMs?: number;
}

export async function errorOf(response: Response): Promise<ApiError> {
  const { status } = response;
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const after = Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {};
  const told = toldIn(await response.text());
  if (!told) return { ...notUnderstood(status), ...after };
  return { ...told, status, would_work: told.would_work ?? [], ...after };
}

export const notUnderstood = (status: number): ApiError => ({
  status,
  code: "not_understood",
  message: `Something answered with ${status} that is not this API.`,
  would_work: [],
});

export const unreachable = (why: string): ApiError => ({
  status: 0,
  code: "unreachable",
  message: why,
  would_work: [],
});

function toldIn(text: string): ToldError | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: ToldError };
    return typeof error?.code === "string" && typeof error.message === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}
