// What can be typed after `tandem heal`.
import type { UtcDay } from "@tandem/shared-logic";
import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import type { Access } from "./access.ts";
import {
  applyHealCommand,
  askerName,
  autoHealCommand,
  healLogCommand,
  type PlanOptions,
  planHealCommand,
  rollbackCommand,
  unpinCommand,
} from "./heal.ts";
import type { Io } from "./io.ts";
import type { CommonOptions } from "./settings.ts";

export interface Typing {
  readonly program: Command;
  readonly argv: readonly string[];
  readonly io: Io;
  readonly access: Access;
  /** A command with the options that all have. */
  readonly command: (parent: Command, name: string, what: string) => Command;
  readonly day: (text: string) => UtcDay;
  readonly exit: (code: number) => void;
}

type ByOptions = CommonOptions & { readonly by?: string };

const share = (text: string): number => {
  const n = Number(text);
  if (!(n >= 0)) throw new InvalidArgumentError("expected a share such as 0.5");
  return n;
};

export function addHealCommands({ program, argv, io, access, command, day, exit }: Typing): void {
  const heal = program
    .command("heal")
    .description("plan a rerun of a day, see what it changes, apply it, take it back");
  const days = (text: string, before: UtcDay[] = []): UtcDay[] => [...before, day(text)];
  type Work = (tandem: Parameters<Parameters<Access>[4]>[0], by: string) => Promise<number>;
  /** The name goes along to the owner process, which may be another user's. */
  const run = async (o: ByOptions, work: Work): Promise<void> => {
    const by = o.by ?? askerName();
    const line = o.by === undefined ? [...argv, "--by", by] : argv;
    const code = await access(o, line, io, false, async (tandem) => exit(await work(tandem, by)));
    if (code !== 0) exit(code);
  };
  const named = (name: string, what: string): Command =>
    command(heal, name, what).option(
      "--by <name>",
      "who does it (default: the user of this machine)",
    );

  named("plan", "compute the rerun of days without showing it to anybody")
    .argument("<days...>", "days such as 2019-10-01", days)
    .addOption(
      new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"),
    )
    .option("--max-change <share>", "most that a day's total may change (default 0.5)", share)
    .action((which: UtcDay[], o: ByOptions & PlanOptions) =>
      run(o, (tandem) => planHealCommand(tandem, which, o, io)),
    );
  named("apply", "show planned runs to everybody, in one step a day")
    .argument("<runs...>", "what plan printed")
    .action((runs: string[], o: ByOptions) =>
      run(o, (tandem, by) => applyHealCommand(tandem, runs, by, io)),
    );
  named("rollback", "go back to the runs before the last heal of a day, and pin it")
    .argument("<day>", "a day such as 2019-10-01", day)
    .option("--to <run>", "an older run of one metric, as explain lists them")
    .action((which: UtcDay, o: ByOptions & { to?: string }) =>
      run(o, (tandem, by) =>
        rollbackCommand(tandem, which, { by, ...(o.to === undefined ? {} : { to: o.to }) }, io),
      ),
    );
  named("unpin", "let a day be healed again")
    .argument("<day>", "a day such as 2019-10-01", day)
    .action((which: UtcDay, o: ByOptions) =>
      run(o, (tandem, by) => unpinCommand(tandem, which, by, io)),
    );
  named("log", "who did what to a day")
    .argument("<day>", "a day such as 2019-10-01", day)
    .action((which: UtcDay, o: ByOptions) => run(o, (tandem) => healLogCommand(tandem, which, io)));
  named("auto", "whether late days heal by themselves, and which are waiting")
    .addArgument(new Argument("<what>", "on, off or status").choices(["on", "off", "status"]))
    .action((what: "on" | "off" | "status", o: ByOptions) =>
      run(o, (tandem, by) => autoHealCommand(tandem, what, by, io)),
    );
}
