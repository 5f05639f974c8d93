// `tandem metrics`: the catalogue with the versions of each metric; which one answers to the name can be said by
// hand, and one that is not needed any more is retired.
import { retireVersion, showVersion, versionsByName } from "@tandem/batch-layer";
import { type Metric, parseMetricName, readsOf } from "@tandem/shared-logic";
import { judgeMetric, QUICK_GATE } from "@tandem/shared-logic/testing";
import { forbidAmbient } from "../metrics/forbid-ambient.ts";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

export interface ListOptions {
  readonly format: "table" | "json";
  /** What they are made of and whether the law gate lets them in, too. */
  readonly all?: boolean;
}

export async function listMetrics(tandem: Tandem, o: ListOptions, io: Io): Promise<void> {
  const metrics = await tandem.queries.catalogue();
  if (o.all) {
    listMadeOf(tandem.metrics, o, io);
    return;
  }
  if (o.format === "json") {
    io.out(`${JSON.stringify({ metrics })}\n`);
    return;
  }
  for (const m of metrics) {
    const sets = m.by.map((set) => set.join("+")).join(", ");
    io.out(`${m.name}@${m.version}  ${m.title} (${m.unit})${sets === "" ? "" : `  by ${sets}`}\n`);
    if (m.versions.length < 2) continue;
    for (const v of m.versions) {
      const days = `${v.days_done} of ${v.days_wanted} days`;
      io.out(`  ${m.name}@${v.version}  ${days}${v.visible ? `, answers to ${m.name}` : ""}\n`);
    }
  }
}

/** Reducer, grains, the fields that are read, and how many laws hold; a second or less per metric. */
export function listMadeOf(
  metrics: readonly Metric[],
  { format }: Pick<ListOptions, "format">,
  io: Pick<Io, "out">,
): void {
  const all = metrics.map((m) => {
    const { laws, broken } = judgeMetric(m, { ...QUICK_GATE, guard: forbidAmbient });
    const { name, version, unit, by, reducer } = m;
    const gate = { laws, broken: broken.map(({ law }) => law) };
    const { lists } = reducer;
    const made = {
      reducer: reducer.spec,
      grains: reducer.grains,
      ...(lists ? { lists } : {}),
      reads: readsOf(m),
    };
    return { name, version, unit, by, ...made, fingerprint: m.fingerprint, gate };
  });
  if (format === "json") {
    io.out(`${JSON.stringify({ metrics: all })}\n`);
    return;
  }
  for (const { name, version, unit, by, reducer, grains, lists, reads, gate } of all) {
    const held = gate.laws - gate.broken.length;
    io.out(
      `${name}@${version} (${unit})\n` +
        `  reducer ${kindOf(reducer)}, grains ${grains.join(", ")}\n` +
        `  by ${by.map((set) => set.join("+")).join(", ") || "nothing"}\n` +
        (lists ? `  lists ${listWords(lists)}\n` : "") +
        `  reads ${reads.join(", ")}\n` +
        `  law gate: ${held} of ${gate.laws} laws hold${gate.broken.map((law) => `\n    broken: ${law}`).join("")}\n`,
    );
  }
}

/** Keys in order, each with what it is called. */
function listWords({ path, keys, labels }: NonNullable<Metric["reducer"]["lists"]>): string {
  const named = keys.map((key, i) => (labels?.[i] === undefined ? key : `${key} (${labels[i]})`));
  return `${path}: ${named.join(", ")}`;
}

function kindOf(spec: Metric["reducer"]["spec"]): string {
  const { shape } = spec;
  const inner =
    typeof shape === "object" && shape !== null && "kind" in shape
      ? `(${String(shape["kind"])})`
      : "";
  return `${spec.kind}${inner}`;
}

/** Undefined where no such version is loaded: the problem is printed. */
export function loadedVersion(tandem: Tandem, text: string, io: Io): Metric | undefined {
  const asked = parseMetricName(text);
  const versions = asked && versionsByName(tandem.metrics).get(asked.name);
  const metric = versions?.find((m) => m.version === asked?.version);
  if (metric) return metric;
  const known = (versions ?? []).map((m) => `${m.name}@${m.version}`);
  io.err(
    `tandem: ${text} is no NAME@VERSION that is loaded${known.length > 0 ? `; there are ${known.join(" and ")}` : ""}\n`,
  );
  return undefined;
}

/** False where there is no such version. */
export async function showVersionCommand(
  tandem: Tandem,
  text: string,
  by: string,
  io: Io,
): Promise<boolean> {
  const metric = loadedVersion(tandem, text, io);
  if (!metric) return false;
  const newest = versionsByName(tandem.metrics).get(metric.name)?.at(-1);
  const held = metric.version < (newest?.version ?? 0);
  const { dataset } = tandem.dataset;
  await showVersion(tandem.batchPorts, dataset, metric, { by, held });
  const until = held ? `, until somebody shows a newer one` : "";
  io.out(`${metric.name} is answered by ${metric.name}@${metric.version}${until}\n`);
  return true;
}

/** False where it is unknown, or still answers to the name. */
export async function retireCommand(tandem: Tandem, text: string, io: Io): Promise<boolean> {
  const asked = parseMetricName(text);
  if (asked?.version === undefined) {
    io.err(`tandem: ${text} is no NAME@VERSION\n`);
    return false;
  }
  const { name, version } = asked;
  const entry = (await tandem.queries.catalogue()).find((m) => m.name === name);
  const others = (entry?.versions.length ?? 0) > 1;
  if (others && entry?.version === version) {
    io.err(
      `tandem: ${text} still answers to ${name}; tandem metrics shows how far the others are\n`,
    );
    return false;
  }
  const archive = await tandem.batch.archive();
  const done = await retireVersion(tandem.ports, tandem.dataset.dataset, archive, name, version);
  if (done.state === "unknown") {
    io.err(`tandem: ${text} never was active\n`);
    return false;
  }
  const from = done.state === "retired" ? `from cut ${done.seq} on` : "already";
  io.out(`${text} is retired ${from}; its file may be removed\n`);
  return true;
}
