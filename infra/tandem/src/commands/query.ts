// `tandem query`: one question to the serving layer, printed.
import type { Tandem } from "../tandem.ts";
import { answerCsv, answerTable } from "./format-answer.ts";
import type { Io } from "./io.ts";

export interface QueryOptions {
  readonly from: string;
  readonly until: string;
  readonly grain?: string;
  readonly by: readonly string[];
  readonly where: readonly string[];
  readonly tz: string;
  readonly layer?: string;
  readonly asOf?: string;
  /** A replay's name: its runs in the place of the published ones. */
  readonly catalogue?: string;
  readonly format: "table" | "json" | "csv";
  readonly tenant: string;
}

/** False where the question was bad: the problem is printed. */
export async function queryCommand(
  tandem: Tandem,
  metric: string,
  o: QueryOptions,
  io: Io,
): Promise<boolean> {
  const params: Record<string, string | string[]> = { from: o.from, until: o.until, tz: o.tz };
  if (o.grain !== undefined) params["grain"] = o.grain;
  if (o.asOf !== undefined) params["asOf"] = o.asOf;
  if (o.layer !== undefined) params["layer"] = o.layer;
  if (o.by.length > 0) params["by"] = [...o.by];
  if (o.where.length > 0) params["where"] = [...o.where];
  const queries = o.catalogue === undefined ? tandem.queries : await tandem.queriesOf(o.catalogue);
  if (!queries) {
    io.err(`no replay ${o.catalogue}; tandem replay list names them\n`);
    return false;
  }
  const result = await queries.query(params, metric, o.tenant);
  if (!result.ok) {
    io.err(`tandem: ${JSON.stringify(result.problem)}\n`);
    return false;
  }
  const { answer } = result;
  if (o.format === "json") io.out(`${JSON.stringify(answer)}\n`);
  else io.out(o.format === "csv" ? answerCsv(answer) : answerTable(answer));
  return true;
}
