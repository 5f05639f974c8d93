// What can be typed after `tandem reconcile`.
import { Option } from "commander";
import type { Typing } from "./heal-commands.ts";
import { type ReconcileOptions, reconcileCommand } from "./reconcile.ts";
import type { CommonOptions } from "./settings.ts";

export function addReconcileCommand(typing: Typing): void {
  const { program, argv, io, access, command, day, exit } = typing;
  command(
    program,
    "reconcile",
    "what the speed layer had against what batch sealed, by day and metric",
  )
    .option("--from <day>", "first day", day)
    .option("--until <day>", "day to stop before", day)
    .option("--metric <name>", "one metric alone")
    .option("--unexplained", "only what nothing explains")
    .addOption(
      new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"),
    )
    .action(async (o: CommonOptions & ReconcileOptions) => {
      const code = await access(o, argv, io, false, async (tandem) =>
        exit(await reconcileCommand(tandem, o, io)),
      );
      if (code !== 0) exit(code);
    });
}
