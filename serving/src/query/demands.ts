// What a question demands of its answer beyond the numbers: how fresh, how sure, how much of it.
import {
  DAY_MS,
  decodeReceipt,
  HOUR_MS,
  MINUTE_MS,
  type Receipt,
  type Window,
} from "@tandem/shared-logic";
import type { ComparedWindow, CompareTo } from "./compared.ts";
import { single } from "./parameters.ts";
import { BadQuery, type QueryParams } from "./problem.ts";

export type Order = "value" | "-value" | "name" | "-name";

export interface Comparing {
  readonly to: CompareTo;
  readonly windows: readonly ComparedWindow[];
  readonly range: Window;
}

export interface Demands {
  readonly limit?: number;
  readonly order?: Order;
  readonly maxStalenessMs?: number;
  /** Partition -> exclusive offset that has to be in the answer. */
  readonly atLeast?: Receipt;
  readonly maxError?: number;
}

export function demandsOf(params: QueryParams, by: readonly string[]): Demands {
  const limit = single(params, "limit");
  const order = single(params, "order") as Order | undefined;
  for (const [name, given] of [
    ["limit", limit],
    ["order", order],
  ] as const)
    if (given !== undefined && by.length === 0)
      throw new BadQuery(name, `${name} beside by: there is one group`, given, ["by=DIM"]);
  const cursor = single(params, "cursor");
  if (cursor !== undefined && limit === undefined)
    throw new BadQuery("cursor", "cursor beside the limit of the pages before", cursor, [
      "limit=10",
    ]);
  const staleness = single(params, "max_staleness");
  const receipt = single(params, "at_least");
  const maxError = single(params, "max_error");
  return {
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(order === undefined ? {} : { order }),
    ...(staleness === undefined ? {} : { maxStalenessMs: durationMs(staleness) }),
    ...(receipt === undefined ? {} : { atLeast: receiptOf(receipt) }),
    ...(maxError === undefined ? {} : { maxError: Number(maxError) }),
  };
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

const durationMs = (text: string): number =>
  Number.parseInt(text, 10) * (UNITS_MS[text.at(-1) ?? ""] ?? 1000);

function receiptOf(text: string): Receipt {
  const receipt = decodeReceipt(text);
  if (!receipt)
    throw new BadQuery("at_least", "a receipt as POST /events gave it, whole", text, [
      "no at_least, for what is there now",
    ]);
  return receipt;
}
