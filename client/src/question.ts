// The parameters of a question, by the names that the API has for them, and how they stand in an address.
import type { Grain, Layer } from "./answer.ts";

export interface Question {
  /** A day on the calendar of `tz`, or an ISO 8601 moment. */
  readonly from?: string;
  /** Exclusive. */
  readonly until?: string;
  readonly grain?: Grain;
  readonly by?: readonly string[];
  /** Conditions, joined by and; `condition()` writes one whatever its value is. */
  readonly where?: string | readonly string[];
  readonly tz?: string;
  readonly layer?: Layer;
  readonly asOf?: string;
  readonly compare?: "previous_period" | "previous_year";
  readonly limit?: number;
  /** `next` of the page before, beside the same parameters; `pages` sees to it. */
  readonly cursor?: string;
  readonly order?: "value" | "-value" | "name" | "-name";
  readonly consistency?: "sealed" | "fresh";
  /** Seconds, or text with s, m, h or d. */
  readonly max_staleness?: number | string;
  /** The receipt of `POST /events`. */
  readonly at_least?: string;
  readonly max_error?: number;
}

type Given = string | number | boolean | readonly string[] | undefined;

/** One pair for each value, lists repeated. */
export function searchOf(question: object): string {
  const search = new URLSearchParams();
  for (const [name, given] of Object.entries(question) as [string, Given][]) {
    if (given === undefined) continue;
    for (const value of typeof given === "object" ? given : [given])
      search.append(name, typeof value === "number" ? plain(value) : String(value));
  }
  return search.size === 0 ? "" : `?${search}`;
}

/** Without an exponent, which the API takes for a slip. */
const plain = (value: number): string =>
  Number.isFinite(value) && Math.abs(value) < 1e-6 && value !== 0
    ? value.toFixed(9).replace(/0+$/, "")
    : String(value);

/** `DIM = VALUE` for any value at all; null: the event has none. */
export const condition = (dimension: string, value: string | null): string =>
  `${dimension}=${value === null ? "(none)" : JSON.stringify(value)}`;
