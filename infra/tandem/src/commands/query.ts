// `tandem query`: questions to the serving layer, printed or written to a file.
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  BadQuery,
  type Format,
  metricNames,
  type QueryEngine,
  type QueryParams,
  type QueryProblem,
  written,
} from "@tandem/serving";
import type { Answer } from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import { answerTable } from "./format-answer.ts";
import type { Io } from "./io.ts";

export interface QueryOptions {
  /** As the HTTP API has them. */
  readonly params: QueryParams;
  /** A replay's name: its runs in the place of the published ones. */
  readonly catalogue?: string;
  readonly format: "table" | Format;
  readonly out?: string;
  readonly tenant: string;
}

/** False where the question was bad: the problem is printed. */
export async function queryCommand(
  tandem: Pick<Tandem, "queries" | "queriesOf">,
  metrics: readonly string[],
  o: QueryOptions,
  io: Io,
): Promise<boolean> {
  const no = (why: string): false => {
    io.err(`${why}\n`);
    return false;
  };
  if (o.format === "arrow" && o.out === undefined)
    return no("tandem: arrow is no text; --out FILE takes it");
  const queries = o.catalogue === undefined ? tandem.queries : await tandem.queriesOf(o.catalogue);
  if (!queries) return no(`no replay ${o.catalogue}; tandem replay list names them`);
  const asked = await answersOf(queries, metrics, o);
  if (!asked.ok) return no(`tandem: ${JSON.stringify(asked.problem)}`);
  const { answers } = asked;
  const bytes =
    o.format === "table"
      ? new TextEncoder().encode(answers.map(answerTable).join("\n"))
      : await written(o.format, answers, answers.length === 1);
  if (o.out === undefined) {
    const text = new TextDecoder().decode(bytes);
    io.out(text.endsWith("\n") ? text : `${text}\n`);
    return true;
  }
  try {
    await writeFile(resolve(io.cwd, o.out), bytes);
    return true;
  } catch (error) {
    return no(`tandem: ${o.out} cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
}

type Asked =
  | { readonly ok: true; readonly answers: readonly Answer[] }
  | { readonly ok: false; readonly problem: QueryProblem };

async function answersOf(
  queries: QueryEngine,
  metrics: readonly string[],
  { params, tenant }: QueryOptions,
): Promise<Asked> {
  try {
    const names = metricNames({ metrics }, queries.limits.metrics);
    return await queries.queryMany(params, names, tenant);
  } catch (error) {
    if (error instanceof BadQuery) return { ok: false, problem: error.problem };
    throw error;
  }
}
