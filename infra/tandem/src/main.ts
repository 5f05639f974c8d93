// The tandem command.
import { readFileSync } from "node:fs";
import { Command } from "commander";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
  description: string;
};

const program = new Command("tandem")
  .description("Lambda-architecture analytics: one set of pure reducers, run twice.")
  .version(manifest.version);

await program.parseAsync();
