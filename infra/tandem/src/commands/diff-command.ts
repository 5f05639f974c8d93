// What can be typed after `tandem diff`.
import { InvalidArgumentError, Option } from "commander";
import { type DiffOptions, diffCommand } from "./diff.ts";
import type { Typing } from "./heal-commands.ts";
import type { CommonOptions } from "./settings.ts";

const seconds = (text: string): number => {
  const n = Number(text);
  if (!(n > 0)) throw new InvalidArgumentError("expected seconds, such as 60");
  return n;
};

export function addDiffCommand({ program, argv, io, access, command, day, exit }: Typing): void {
  command(program, "diff", "are two versions of a metric the same, and if not, on which events?")
    .argument("<a>", "such as revenue@1")
    .argument("<b>", "such as revenue@2")
    .option("--from <day>", "first day", day)
    .option("--until <day>", "day to stop before", day)
    .option("--seconds <n>", "longest search for the events", seconds, 60)
    .option("--no-events", "compare values alone")
    .addOption(
      new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"),
    )
    .action(async (a: string, b: string, o: CommonOptions & DiffOptions) => {
      const code = await access(o, argv, io, false, async (tandem) =>
        exit(await diffCommand(tandem, [a, b], o, io)),
      );
      if (code !== 0) exit(code);
    });
}
