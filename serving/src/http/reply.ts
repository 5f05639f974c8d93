// What a handler answers with, before it becomes bytes. The only place that knows the headers every
// answer of this API carries.
import type { ServerResponse } from "node:http";
import type { Denial } from "@tandem/shared-logic";

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; absent: none. */
  readonly body?: Body;
  /** Takes the response over and writes it as things happen; or refuses after all. */
  start?(res: ServerResponse): Reply | undefined;
}

/** Bytes with what they become under a content coding, made when first asked for. */
export interface Body {
  readonly identity: Uint8Array;
  /** Absent: JSON. */
  readonly type?: string;
  /** Cursor of the page behind it. */
  readonly next?: string;
  readonly encoded: Map<string, Promise<Uint8Array>>;
}

const jsonBody = (value: unknown): Body => ({
  identity: new TextEncoder().encode(JSON.stringify(value)),
  encoded: new Map(),
});

export const jsonReply = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({ status, headers, body: jsonBody(value) });

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly expected?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const unauthorized = (message: string, expected?: string): Refusal => ({
  status: 401,
  message,
  headers: { "WWW-Authenticate": 'Bearer realm="tandem"' },
  ...(expected === undefined ? {} : { expected }),
});

/** Requests turned away as a whole: a closed table of codes. */
export const REFUSALS = {
  key_missing: unauthorized(
    "The request carries no API key.",
    "Authorization: Bearer KEY, or X-API-Key: KEY",
  ),
  key_malformed: unauthorized("That is not an API key.", "tdm_<id>_<secret>"),
  key_unknown: unauthorized("There is no such API key."),
  key_revoked: unauthorized("The API key was revoked."),
  key_scope: { status: 403, message: "The API key may not do this.", expected: "scope read" },
  not_found: { status: 404, message: "There is nothing at this address." },
  not_acceptable: {
    status: 406,
    message: "None of the formats that Accept names can be had here.",
    expected:
      "application/json, text/csv, application/x-ndjson or application/vnd.apache.arrow.stream",
  },
  method_not_allowed: { status: 405, message: "This address takes another method." },
  bad_address: { status: 400, message: "The address is not valid UTF-8 behind its percent signs." },
  address_too_long: { status: 414, message: "The address is longer than the limit." },
  overloaded: {
    status: 503,
    message: "Too many requests are under way.",
    headers: { "Retry-After": "1" },
  },
  too_many_streams: {
    status: 503,
    message: "Too many live streams are open; the metric can be asked for without /live.",
    headers: { "Retry-After": "10" },
  },
  too_many_tenant_streams: {
    status: 429,
    message: "Too many live streams of this tenant are open; one stream serves many metrics.",
    headers: { "Retry-After": "10" },
  },
  too_many_questions: {
    status: 503,
    message: "Too many different questions are watched; streams with the same question share one.",
    headers: { "Retry-After": "10" },
  },
  timeout: {
    status: 503,
    message: "The answer took too long to make; a shorter range or a coarser grain is quicker.",
    headers: { "Retry-After": "5" },
  },
  store_unavailable: {
    status: 503,
    message: "The stores do not answer now, and there is no earlier answer to this question.",
    headers: { "Retry-After": "5" },
  },
  internal: {
    status: 500,
    message: "Something went wrong here; the request id finds it in the logs.",
  },
} as const satisfies Record<string, Refusal> & Record<Denial, Refusal>;

export type RefusalCode = keyof typeof REFUSALS;

export function refusal(
  code: RefusalCode,
  more: { expected?: string; headers?: Record<string, string> } = {},
): Reply {
  const { status, message, headers, expected: usual }: Refusal = REFUSALS[code];
  const expected = more.expected ?? usual;
  const error = { code, message, ...(expected === undefined ? {} : { expected }) };
  return jsonReply(status, { error }, { ...headers, ...more.headers });
}
