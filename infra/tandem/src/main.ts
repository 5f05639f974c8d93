// The tandem command's entry.
import { readFileSync } from "node:fs";
import { openOrAsk } from "./commands/access.ts";
import { terminalIo } from "./commands/io.ts";
import { runProgram } from "./commands/program.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
process.exitCode = await runProgram(process.argv.slice(2), {
  io: terminalIo,
  access: openOrAsk,
  version: manifest.version,
  description: "Lambda-architecture analytics: one set of pure reducers, run twice.",
  mayRun: true,
});
