// What can be typed after `tandem dead-letters`.
import type { Tandem } from "../tandem.ts";
import {
  fixDeadLetter,
  listDeadLetters,
  replayDeadLetters,
  showDeadLetter,
} from "./dead-letters.ts";
import type { Typing } from "./heal-commands.ts";
import { type CommonOptions, commonOptions } from "./settings.ts";

const PATCH = "a JSON Patch (a list) or merge patch (an object)";

export function addDeadLetterCommands(typing: Omit<Typing, "day">): void {
  const { program, argv, io, access, command, exit } = typing;
  const run = async (o: CommonOptions, work: (tandem: Tandem) => Promise<boolean>) => {
    const code = await access(o, argv, io, false, async (tandem) => {
      if (!(await work(tandem))) exit(2);
    });
    if (code !== 0) exit(code);
  };
  const list = (o: CommonOptions & { limit: number }): Promise<void> =>
    run(o, async (tandem) => {
      await listDeadLetters(tandem, o, io);
      return true;
    });
  const letters = program
    .command("dead-letters")
    .description("rejected events: list, show, fix with a patch, replay under the same event id");
  commonOptions(
    letters.command("list", { isDefault: true }).description("what was rejected, and why"),
  )
    .option("--limit <n>", "how many", Number, 20)
    .action(list);
  command(letters, "show <id>", "one of them, as it was sent").action(
    (id: string, o: CommonOptions) => run(o, (tandem) => showDeadLetter(tandem, id, o, io)),
  );
  command(letters, "fix <id>", "what a patch makes of it; nothing is sent")
    .requiredOption("--patch <json>", PATCH)
    .action((id: string, o: CommonOptions & { patch: string }) =>
      run(o, (tandem) => fixDeadLetter(tandem, id, o, io)),
    );
  command(letters, "replay <ids...>", "send them again, under the event ids they had")
    .option("--patch <json>", PATCH)
    .action((ids: string[], o: CommonOptions & { patch?: string }) =>
      run(o, (tandem) => replayDeadLetters(tandem, ids, o, io)),
    );
}
