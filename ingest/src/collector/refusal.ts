// Requests turned away as a whole: a closed table of codes, each with its status and what was expected.
import type { Denial } from "@tandem/shared-logic";

export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly expected?: string;
}

export const REFUSALS = {
  key_missing: {
    status: 401,
    message: "The request carries no API key.",
    expected: "Authorization: Bearer KEY, or X-API-Key: KEY",
  },
  key_malformed: {
    status: 401,
    message: "That is not an API key.",
    expected: "tdm_<id>_<secret>",
  },
  key_unknown: { status: 401, message: "There is no such API key." },
  key_revoked: { status: 401, message: "The API key was revoked." },
  key_scope: { status: 403, message: "The API key may not do this.", expected: "scope write" },
  not_found: { status: 404, message: "There is nothing at this address." },
  method_not_allowed: {
    status: 405,
    message: "This address takes another method.",
    expected: "POST",
  },
  too_large: { status: 413, message: "The body is larger than the limit." },
  too_many_events: { status: 413, message: "The request holds more events than the limit." },
  bad_encoding: {
    status: 400,
    message: "The body is not what its Content-Encoding says, or is cut short.",
  },
  unsupported_encoding: {
    status: 415,
    message: "The Content-Encoding is not known here.",
    expected: "gzip, deflate or identity",
  },
  unsupported_type: {
    status: 415,
    message: "The Content-Type is not known here.",
    expected: "application/json, application/x-ndjson or text/plain, in UTF-8",
  },
  rate_limited: { status: 429, message: "The API key sends faster than it may." },
  overloaded: { status: 503, message: "Too much is under way; nothing of this request was kept." },
  closing: { status: 503, message: "The collector is shutting down." },
  store_unavailable: { status: 503, message: "API keys cannot be checked now." },
  internal: {
    status: 500,
    message: "Something went wrong here; the events may be sent again with the same ids.",
  },
} as const satisfies Record<string, Refusal> & Record<Denial, Refusal>;

export type RefusalCode = keyof typeof REFUSALS;

export function refusalBody(code: RefusalCode, expected?: string): string {
  const { message, expected: usual }: Refusal = REFUSALS[code];
  const wanted = expected ?? usual;
  return JSON.stringify({
    error: { code, message, ...(wanted === undefined ? {} : { expected: wanted }) },
  });
}
