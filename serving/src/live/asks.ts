// What a stream asks: `metrics=a,b` with the parameters of a query for all of them, and `ask=NAME?PARAMS`,
// any number of times, each a query of its own. Every message names its question by the text given here.
import { BadQuery, type QueryParams, type QueryProblem } from "../query/problem.ts";

export interface Ask {
  /** As its reader calls it. */
  readonly ask: string;
  readonly name: string;
  readonly params: QueryParams;
}

export type Asks =
  | { readonly ok: true; readonly asks: readonly Ask[] }
  | { readonly ok: false; readonly problem: QueryProblem };

/** What a stream cannot be asked, and why. */
export const NOT_LIVE: Readonly<Record<string, string>> = {
  asOf: "what was shown then does not change",
  max_staleness: "a stream says how fresh it is, and goes on",
  at_least: "a stream shows the events when they are there",
  max_error: "a stream goes on, however wide its intervals are",
  cursor: "a stream shows the first groups, as they change",
  format: "a stream is server-sent events",
};

const textsOf = (value: QueryParams[string]): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** `only`: the metric in the path. */
export function asksOf(params: QueryParams, only: string | undefined, most: number): Asks {
  try {
    return { ok: true, asks: understood(params, only, most) };
  } catch (error) {
    if (error instanceof BadQuery) return { ok: false, problem: error.problem };
    throw error;
  }
}

function understood(params: QueryParams, only: string | undefined, most: number): Ask[] {
  const asks =
    only === undefined ? several(params) : [{ ask: only, name: only, params: checked(params) }];
  if (asks.length === 0)
    throw new BadQuery("metrics", "at least one metric", "none", [
      "metrics=NAME,NAME",
      "ask=NAME?grain=hour",
    ]);
  if (asks.length > most)
    throw new BadQuery("metrics", `at most ${most} questions`, `${asks.length}`, [
      "a stream for each part of them",
    ]);
  const known = new Set<string>();
  for (const { ask } of asks) {
    if (known.has(ask))
      throw new BadQuery("ask", "every question once", ask, [
        [...new Set(asks.map((a) => a.ask))].join(","),
      ]);
    known.add(ask);
  }
  return asks;
}

function several({ metrics, ask, ...shared }: QueryParams): Ask[] {
  const names = textsOf(metrics)
    .flatMap((text) => text.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const [stray] = Object.keys(shared);
  if (names.length === 0 && stray !== undefined)
    throw new BadQuery(stray, "metrics beside it", "none", ["metrics=NAME", "ask=NAME?PARAMS"]);
  return [
    ...names.map((name) => ({ ask: name, name, params: checked(shared) })),
    ...textsOf(ask).map(ownQuestion),
  ];
}

function ownQuestion(text: string): Ask {
  const at = text.indexOf("?");
  const params: Record<string, string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(at < 0 ? "" : text.slice(at + 1)))
    params[name] = [...(params[name] ?? []), value];
  return { ask: text, name: at < 0 ? text : text.slice(0, at), params: checked(params) };
}

function checked(params: QueryParams): QueryParams {
  for (const [name, why] of Object.entries(NOT_LIVE))
    if (params[name] !== undefined)
      throw new BadQuery(name, `no ${name}: ${why}`, name, [
        `no ${name}`,
        "the same without /live",
      ]);
  return params;
}
