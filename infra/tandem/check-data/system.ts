// What the check is run on: all layers in this process on a folder, or processes on real servers. Both take
// the same command lines and answer the same questions.
import type { Answer } from "@tandem/shared-logic";
import { openOrAsk, ownedBy } from "../src/commands/access.ts";
import { runProgram } from "../src/commands/program.ts";
import type { Tandem } from "../src/tandem.ts";

export interface Question {
  readonly metric: string;
  readonly grain: string;
  readonly by: readonly string[];
}

export interface Range {
  readonly from: string;
  readonly until: string;
}

export interface System {
  /** Loads a file and waits until the speed layer shows all of it; what was said. */
  load(file: string): Promise<string>;
  /** Seals every day that the data has; what was said. */
  seal(range: Range): Promise<string>;
  query(question: Question, range: Range): Promise<Answer>;
  /** A glob of the archive's files, where they lie on this machine. */
  readonly archiveFiles?: string;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

export interface SystemOptions {
  readonly metricFolders: readonly string[];
}

export type OpenSystem = (options: SystemOptions) => Promise<System>;

/** Runs a command line to its end; what it printed. */
export async function tandemCommand(argv: readonly string[], tandem?: Tandem): Promise<string> {
  let text = "";
  let errors = "";
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
    mayRun: true,
  });
  if (exit !== 0) throw new Error(`tandem ${argv.join(" ")} ended with ${exit}: ${text}${errors}`);
  return text.trim();
}
