// What can be typed after `tandem retention`.
import { Option } from "commander";
import type { Typing } from "./heal-commands.ts";
import { applyRetentionCommand, planRetentionCommand, type RetentionOptions } from "./retention.ts";
import type { CommonOptions } from "./settings.ts";

export function addRetentionCommands(typing: Omit<Typing, "day">): void {
  const { program, argv, io, access, command, exit } = typing;
  const retention = program
    .command("retention")
    .description("what is kept how long: see what would go, and let it go");
  const works = { plan: planRetentionCommand, apply: applyRetentionCommand };
  const what = {
    plan: "what retention would move, roll up and give up now; changes nothing",
    apply: "do what plan says; may be repeated, and interrupted at any time",
  };
  for (const name of ["plan", "apply"] as const)
    command(retention, name, what[name])
      .addOption(
        new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"),
      )
      .action(async (o: CommonOptions & RetentionOptions) => {
        const code = await access(o, argv, io, false, async (tandem) =>
          exit(await works[name](tandem, o, io)),
        );
        if (code !== 0) exit(code);
      });
}
