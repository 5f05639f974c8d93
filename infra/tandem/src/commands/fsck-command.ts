// What can be typed after `tandem fsck`.
import { Option } from "commander";
import { type FsckOptions, fsckCommand } from "./fsck.ts";
import { askerName } from "./heal.ts";
import type { Typing } from "./heal-commands.ts";
import type { CommonOptions } from "./settings.ts";

export function addFsckCommand(typing: Omit<Typing, "day">): void {
  const { program, argv, io, access, command, exit } = typing;
  command(
    program,
    "fsck",
    "is what is stored what was written? manifests, objects, runs, checkpoints",
  )
    .option(
      "--repair",
      "fetch from the log again; what it no longer has becomes an explicit lost range",
    )
    .option("--deep", "also count the records of every object again")
    .option("--all-runs", "also runs that are kept for rollback")
    .option("--by <name>", "who repairs (default: the user of this machine)")
    .addOption(
      new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"),
    )
    .action(async (o: CommonOptions & FsckOptions & { by?: string }) => {
      const by = o.by ?? askerName();
      const line = o.by === undefined ? [...argv, "--by", by] : argv;
      const code = await access(o, line, io, false, async (tandem) =>
        exit(await fsckCommand(tandem, o, by, io)),
      );
      if (code !== 0) exit(code);
    });
}
