// What can be typed after `tandem query`: the parameters of the HTTP API, each as a flag, held to the same schemas.
import { FORMATS, PARAMETER_SCHEMAS, PARAMETERS, type ParameterName } from "@tandem/serving";
import { Option } from "commander";
import type { Typing } from "./heal-commands.ts";
import { type QueryOptions, queryCommand } from "./query.ts";
import type { CommonOptions } from "./settings.ts";

/** `max_staleness` and `asOf` as flags are written. */
const flagOf = (name: ParameterName): string =>
  `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`).replaceAll("_", "-")}`;

export function addQueryCommand(typing: Omit<Typing, "day">): void {
  const { program, argv, io, access, command, exit } = typing;
  const asked = command(
    program,
    "query <metric...>",
    "ask for the values of one metric or several",
  );
  const flags = PARAMETERS.map((name) => {
    const schema: { description: string; many?: boolean } = PARAMETER_SCHEMAS[name];
    const told = schema.many ? `${schema.description} Repeatable.` : schema.description;
    // Each is kept however often it is typed: the parser says where one may stand but once.
    const option = new Option(`${flagOf(name)} <value>`, told).argParser<string[]>(
      (value, before) => [...(before ?? []), value],
    );
    asked.addOption(option);
    return [name, option.attributeName()] as const;
  });
  asked
    .option("--catalogue <name>", "what a replay has rebuilt, in the place of what is published")
    .option("--out <file>", "write the answer there; arrow needs it")
    .addOption(
      new Option("--format <format>", "how to print")
        .choices(["table", ...FORMATS])
        .default("table"),
    )
    .action(async (metrics: string[], o: CommonOptions & Omit<QueryOptions, "params">) => {
      const given = new Map(Object.entries(o));
      const params = Object.fromEntries(
        flags.flatMap(([name, key]) => {
          const values = given.get(key) as string[] | undefined;
          return values ? [[name, values] as const] : [];
        }),
      );
      const code = await access(o, argv, io, false, async (tandem) => {
        if (!(await queryCommand(tandem, metrics, { ...o, params }, io))) exit(2);
      });
      if (code !== 0) exit(code);
    });
}
