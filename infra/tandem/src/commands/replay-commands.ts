// What can be typed after `tandem replay`.
import type { UtcDay } from "@tandem/shared-logic";
import { type Command, Option } from "commander";
import type { Access } from "./access.ts";
import { askerName } from "./heal.ts";
import type { Typing } from "./heal-commands.ts";
import {
  compareReplayCommand,
  dropReplayCommand,
  listReplaysCommand,
  promoteReplayCommand,
  type ReplayStart,
  showReplayCommand,
  startReplayCommand,
} from "./replay.ts";
import type { CommonOptions } from "./settings.ts";

type ByOptions = CommonOptions & { readonly by?: string };
type Format = { readonly format: "table" | "json" };
type Work = (tandem: Parameters<Parameters<Access>[4]>[0], by: string) => Promise<number>;

const list = (value: string, before: string[] = []): string[] => [...before, value];

export function addReplayCommands({ program, argv, io, access, command, day, exit }: Typing): void {
  const replay = program
    .command("replay")
    .description("compute published days again beside what is shown; compare, and show it instead");
  /** The name goes along to the owner process, which may be another user's. */
  const run = async (o: ByOptions, work: Work): Promise<void> => {
    const by = o.by ?? askerName();
    const line = o.by === undefined ? [...argv, "--by", by] : argv;
    const code = await access(o, line, io, false, async (tandem) => exit(await work(tandem, by)));
    if (code !== 0) exit(code);
  };
  const named = (name: string, what: string): Command =>
    command(replay, name, what)
      .option("--by <name>", "who does it (default: the user of this machine)")
      .addOption(
        new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"),
      );

  named("start", "rebuild days into a side catalogue and compare; goes on where it was cut short")
    .option("--from <day>", "first day (default: the first that is published)", day)
    .option("--until <day>", "day to stop before", day)
    .addOption(
      new Option("--source <source>", "what to compute from")
        .choices(["archive", "topic"])
        .default("archive"),
    )
    .option("--metric <name>", "only this metric, NAME or NAME@VERSION (repeatable)", list, [])
    .option("--name <name>", "of the catalogue (default: the source and the days)")
    .action(
      (
        o: ByOptions &
          Format &
          Omit<ReplayStart, "from" | "until"> & { from?: UtcDay; until?: UtcDay },
      ) => run(o, (tandem, by) => startReplayCommand(tandem, o, by, io)),
    );
  named("list", "side catalogues, and who started them").action((o: ByOptions & Format) =>
    run(o, (tandem) => listReplaysCommand(tandem, o, io)),
  );
  named("show", "what a catalogue holds, day by day")
    .argument("<name>", "of the catalogue")
    .action((name: string, o: ByOptions & Format) =>
      run(o, (tandem) => showReplayCommand(tandem, name, o, io)),
    );
  named("compare", "which cells differ from what is published, and by how much")
    .argument("<name>", "of the catalogue")
    .action((name: string, o: ByOptions & Format) =>
      run(o, (tandem) => compareReplayCommand(tandem, name, o, io)),
    );
  named(
    "promote",
    "show what differs to everybody, in one step a day; goes on where it was cut short",
  )
    .argument("<name>", "of the catalogue")
    .action((name: string, o: ByOptions & Format) =>
      run(o, (tandem, by) => promoteReplayCommand(tandem, name, o, by, io)),
    );
  named("drop", "remove a catalogue; what was promoted stays")
    .argument("<name>", "of the catalogue")
    .action((name: string, o: ByOptions & Format) =>
      run(o, (tandem) => dropReplayCommand(tandem, name, io)),
    );
}
