// Asks through the `tandem query` command line and indexes the points of its JSON answer.
import type { Answer, AnswerPoint } from "@tandem/shared-logic";
import { ownedBy } from "../src/commands/access.ts";
import { runProgram } from "../src/commands/program.ts";
import type { Tandem } from "../src/tandem.ts";

export async function tandemCommand(argv: readonly string[], tandem?: Tandem): Promise<string> {
  let text = "";
  let errors = "";
  const { openOrAsk } = await import("../src/commands/access.ts");
  const exit = await runProgram(argv, {
    io: {
      out: (t) => {
        text += t;
      },
      err: (t) => {
        errors += t;
      },
      stdin: process.stdin,
      cwd: process.cwd(),
    },
    access: tandem ? ownedBy(tandem) : openOrAsk,
    version: "check-data",
    description: "",
    mayRun: false,
  });
  if (exit !== 0) throw new Error(`tandem ${argv.join(" ")} ended with ${exit}: ${errors}`);
  return text;
}

export interface Asked {
  readonly answer: Answer;
  /** By window start and, where grouped, event type. */
  readonly points: ReadonlyMap<string, AnswerPoint>;
}

export const pointKey = (from: string, type: string | undefined): string => `${from}|${type ?? ""}`;

export async function ask(
  tandem: Tandem,
  metric: string,
  range: { readonly from: string; readonly until: string },
  grain: string,
  byType: boolean,
): Promise<Asked> {
  const argv = [
    "query",
    metric,
    "--from",
    range.from,
    "--until",
    range.until,
    "--grain",
    grain,
    "--format",
    "json",
  ];
  if (byType) argv.push("--by", "event_type");
  const answer = JSON.parse(await tandemCommand(argv, tandem)) as Answer;
  const points = new Map<string, AnswerPoint>();
  for (const p of answer.points) {
    const type = p.by?.["event_type"] ?? undefined;
    points.set(pointKey(grain === "total" ? "" : p.from, type), p);
  }
  return { answer, points };
}
