// Wrong input is a value: what is wrong, where, and a stable reason code for counters and clients.

export const REASONS = {
  not_json: "The text is not JSON, or not one event.",
  not_an_object: "An event is a JSON object.",
  missing_field: "A required field is absent, null or empty.",
  wrong_type: "A field has another type than it must have.",
  too_long: "A field, or the event, is longer than its limit.",
  too_deep: "The event nests deeper than the limit.",
  bad_timestamp: "A time is neither ISO 8601 nor epoch milliseconds between year 1970 and 9999.",
  bad_unicode: "The text is not valid UTF-8, or an id holds a lone surrogate.",
  future_time: "An imported event is dated later than now.",
  bad_encoding: "The body is not what its Content-Encoding says, or is cut short.",
  too_large: "The request, or one line of it, is larger than the limit.",
} as const;
export type Reason = keyof typeof REASONS;

export interface Problem {
  readonly reason: Reason;
  /** Dotted way to the value; empty for the event itself. */
  readonly path: string;
  readonly expected: string;
  /** A short description of what stood there; never a personal value. */
  readonly got: string;
}
