// What can be typed after `tandem metrics`.
import { Option } from "commander";
import { askerName } from "./heal.ts";
import type { Typing } from "./heal-commands.ts";
import { checkMetricCommand, newMetricCommand } from "./metric-files.ts";
import { metricSqlCommand, SQL_GRAINS, type SqlOptions } from "./metric-sql-command.ts";
import { type ListOptions, listMetrics, retireCommand, showVersionCommand } from "./metrics.ts";
import type { CommonOptions } from "./settings.ts";

export function addMetricsCommands(typing: Omit<Typing, "day">): void {
  const { program, argv, io, access, command, exit } = typing;
  type Work = Parameters<typeof access>[4];
  const run = async (o: CommonOptions, line: readonly string[], work: Work): Promise<void> => {
    const code = await access(o, line, io, false, work);
    if (code !== 0) exit(code);
  };
  const metrics = command(program, "metrics", "list the metrics and their versions")
    .addOption(
      new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"),
    )
    .option("--all", "also reducer, grains, fields that are read, and what the law gate says")
    .action((o: CommonOptions & ListOptions) =>
      run(o, argv, (tandem) => listMetrics(tandem, o, io)),
    );
  metrics
    .command("new")
    .description("write a metric's file to begin with")
    .argument("<name>", "such as paid_orders")
    .option("--folder <dir>", "folder of metric files", "metrics")
    .action(async (name: string, o: { folder: string }) => {
      if (!(await newMetricCommand(name, o.folder, io))) exit(2);
    });
  metrics
    .command("check")
    .description("put the metrics of one file through the law gate, and their examples")
    .argument("<file>", "such as metrics/paid-orders.ts")
    .action(async (file: string) => {
      if (!(await checkMetricCommand(file, io))) exit(1);
    });
  command(
    metrics,
    "sql",
    "print a metric as DuckDB SQL over the archive, for the same numbers by another engine",
  )
    .argument("<name>", "such as revenue, or revenue@1")
    .addOption(
      new Option("--grain <grain>", "length of windows").choices(SQL_GRAINS).default("day"),
    )
    .option("--by <dims>", "a grouping set of the metric, joined by commas")
    .option("--from <moment>", "first day or moment (default: the first day with events)")
    .option("--until <moment>", "day or moment behind the last (default: the last day with events)")
    .option("--archive <sql>", "what FROM names (default: read_parquet of the archive's files)")
    .action(async (name: string, o: CommonOptions & SqlOptions) => {
      if (!(await metricSqlCommand(name, o, io))) exit(2);
    });
  command(metrics, "show", "say by hand which version answers to a metric's name")
    .argument("<version>", "such as revenue@1")
    .option("--by <name>", "who says so (default: the user of this machine)")
    .action((text: string, o: CommonOptions & { by?: string }) => {
      const by = o.by ?? askerName();
      const line = o.by === undefined ? [...argv, "--by", by] : argv;
      return run(o, line, async (tandem) => {
        if (!(await showVersionCommand(tandem, text, by, io))) exit(2);
      });
    });
  command(metrics, "retire", "compute a version no more, so that its file may be removed")
    .argument("<version>", "such as revenue@1")
    .action((text: string, o: CommonOptions) =>
      run(o, argv, async (tandem) => {
        if (!(await retireCommand(tandem, text, io))) exit(2);
      }),
    );
}
