// Runs the drills, or those that are named: `node infra/tandem/drill/main.ts [NAME…] [--from N] [--seeds N]
// [--only FAULT,…] [--state DIR]`. Without --from a drill goes on behind the last seed it finished.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { crash } from "./crash.ts";
import type { Drill } from "./drill.ts";
import { laws } from "./laws.ts";
import { leaders } from "./leaders.ts";
import { heal, striped } from "./long-tests.ts";
import { model } from "./model.ts";
import { real } from "./real.ts";
import { seam } from "./seam.ts";

const DRILLS: readonly Drill[] = [model, seam, crash, heal, striped, real, leaders, laws];
const DEFAULT_SEEDS = 20_000;

const usage = (): string =>
  `node infra/tandem/drill/main.ts [NAME…] [--from N] [--seeds N] [--only FAULT,…] [--state DIR]
drills:
  ${DRILLS.map((d) => `${d.name}: ${d.about}`).join("\n  ")}
--from and --seeds are whole numbers from 1 on`;

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        from: { type: "string" },
        seeds: { type: "string" },
        only: { type: "string", default: "" },
        state: { type: "string", default: join(".tandem", "drill") },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage()}`);
    return process.exit(2);
  }
}

const { values, positionals } = parsed();
const unknown = positionals.filter((name) => !DRILLS.some((d) => d.name === name));
const from = values.from === undefined ? undefined : Number(values.from);
const seeds = Number(values.seeds ?? DEFAULT_SEEDS);
const only = values.only.split(",").filter((name) => name !== "");
const numbers = [seeds, from ?? 1].every((n) => Number.isSafeInteger(n) && n > 0);

if (values.help) {
  console.log(usage());
} else if (unknown.length > 0 || !numbers) {
  console.error(usage());
  process.exitCode = 2;
} else {
  for (const drill of DRILLS) {
    if (positionals.length > 0 && !positionals.includes(drill.name)) continue;
    const state = join(values.state, `${drill.name}.json`);
    const say = (line: string): void => console.log(`${drill.name}: ${line}`);
    if (!(await drill.run({ from, seeds, state, say, only }))) process.exitCode = 1;
  }
}
