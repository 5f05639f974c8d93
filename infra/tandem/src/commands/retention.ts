// `tandem retention plan|apply`: what would go and why, and letting it go.
import type { ActionName, RetentionAction } from "@tandem/batch-layer";
import { fingerprintName, formatDay } from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import { inTenths } from "./fsck.ts";
import type { Io } from "./io.ts";

/** What the command leaves behind for scripts; 1 is an error. */
export const RETENTION_EXIT = { done: 0, passed: 3 } as const;

export interface RetentionOptions {
  readonly format: "table" | "json";
}

export async function planRetentionCommand(
  tandem: Tandem,
  { format }: RetentionOptions,
  io: Io,
): Promise<number> {
  const { rules } = tandem.retention;
  const { dataset } = tandem.dataset;
  const { actions } = await tandem.retention.plan();
  if (format === "json")
    io.out(`${JSON.stringify({ dataset, rules, actions: actions.map(actionJson) })}\n`);
  else {
    const told = Object.entries(rules).map(
      ([name, value]) => `${name} ${[value].flat().join(",") || "-"}`,
    );
    io.out(`rules of ${dataset}: ${told.join(", ")}\n`);
    if (actions.length === 0) io.out("nothing to do\n");
    else io.out(`${actions.map(lineOf).join("")}${totals(actions)}`);
  }
  return RETENTION_EXIT.done;
}

export async function applyRetentionCommand(
  tandem: Tandem,
  { format }: RetentionOptions,
  io: Io,
): Promise<number> {
  const progress = inTenths((text) => io.err(`${text}\n`));
  const { done, passed, freedBytes } = await tandem.retention.apply({ progress });
  if (format === "json") {
    const told = { done: done.map(actionJson), passed: passed.map(actionJson), freedBytes };
    io.out(`${JSON.stringify(told)}\n`);
  } else if (done.length + passed.length === 0) io.out("nothing to do\n");
  else {
    io.out(`${totals(done)}${freedBytes} bytes of objects freed\n`);
    if (passed.length > 0)
      io.err(`${passed.length} no longer held: days changed meanwhile; plan again\n`);
  }
  return passed.length > 0 ? RETENTION_EXIT.passed : RETENTION_EXIT.done;
}

const WHAT: Readonly<Record<ActionName, string>> = {
  retire_run: "runs that can no longer be chosen",
  drop_run: "runs removed",
  trim_flips: "days with fewer changes told",
  roll_up: "runs rolled up to hours or days",
  drop_state: "states removed",
  drop_plan: "heal plans removed",
  drop_span_run: "old rows of weeks and months removed",
  drop_speed: "days and metrics with fewer speed rows",
  move_object: "archive objects moved to the cold place",
  drop_object: "archive objects given up",
  downsample_object: "archive objects downsampled, or found to need no downsampling",
  drop_sample: "samples of archive objects removed",
};

function totals(actions: readonly RetentionAction[]): string {
  const counts = Map.groupBy(actions, (a) => a.do);
  return [...counts].map(([name, own]) => `${own.length} ${WHAT[name]}\n`).join("");
}

const lineOf = (a: RetentionAction): string => {
  const size = a.sizeBytes > 0 ? `  ${a.sizeBytes} bytes` : "";
  return `${a.do.padEnd(13)}  ${nameOf(a)}${size}\n               ${a.reason}\n`;
};

function nameOf(a: RetentionAction): string {
  switch (a.do) {
    case "retire_run":
    case "drop_run":
    case "drop_span_run":
      return a.run;
    case "trim_flips":
      return `${formatDay(a.day)}: the oldest ${a.flips}`;
    case "roll_up":
      return `${formatDay(a.day)} ${fingerprintName(a.fp).name}`;
    case "drop_speed":
      return `${formatDay(a.day)} ${fingerprintName(a.fp).name} below ${a.below.join(",")}`;
    case "drop_state":
    case "drop_plan":
      return a.key;
    case "move_object":
    case "drop_object":
    case "downsample_object":
    case "drop_sample":
      return a.object;
  }
}

function actionJson({ do: action, reason, sizeBytes, ...facts }: RetentionAction): object {
  const day = "day" in facts ? { day: formatDay(facts.day) } : {};
  return { action, ...facts, ...day, reason, size_bytes: sizeBytes };
}
