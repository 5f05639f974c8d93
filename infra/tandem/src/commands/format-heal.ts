// A heal plan in words and as the object that `--format json` prints.
import type { CellChange, HealPlan, MetricChanges } from "@tandem/batch-layer";
import {
  type Decimal,
  dayOf,
  formatDay,
  formatInstant,
  groupValues,
  jsonDecimal,
  OTHER_GROUP,
  parseDecimal,
} from "@tandem/shared-logic";

const LINES = 40;

export function healJson(plan: HealPlan): object {
  const { kept, cost } = plan;
  const changes = plan.metrics.flatMap((m) => m.changes.map((c) => changeJson(m, c)));
  return {
    run: plan.run ?? null,
    day: formatDay(kept.day),
    offsets: kept.v,
    cut: kept.cut,
    manifests: kept.manifests,
    runs: Object.fromEntries(Object.entries(kept.runs).map(([fp, { run }]) => [fp, run])),
    code_changed: codeChanged(plan),
    cells_changed: changes.length,
    changes,
    totals: plan.metrics.flatMap((m) => m.totals.map((c) => changeJson(m, c))),
    audits: kept.audits,
    incomplete: plan.incomplete,
    ok: plan.ok,
    pinned: plan.pinned,
    stale: plan.stale,
    cost: { rows_read: cost.rows, bytes_read: cost.bytes, cpu_ms: Math.round(cost.cpuMs) },
  };
}

const codeChanged = ({ metrics }: HealPlan): string[] =>
  metrics.filter((m) => m.why !== "late").map((m) => `${m.metric}@${m.version} (${m.why})`);

export function changeJson(m: Pick<MetricChanges, "metric">, c: CellChange): object {
  return {
    metric: m.metric,
    tenant: c.tenant,
    by: byOf(c),
    grain: c.grain,
    from: formatInstant(c.window.from),
    until: formatInstant(c.window.until),
    before: numberOf(c.before),
    after: numberOf(c.after),
    change: jsonDecimal(differenceOf(c)),
  };
}

function byOf({ dims, group }: CellChange): Record<string, string | null> {
  const values = group === OTHER_GROUP ? undefined : groupValues(group);
  return Object.fromEntries(
    dims.map((dim, i) => [dim, values ? (values[i] ?? null) : OTHER_GROUP]),
  );
}

const numberOf = (text: string | null | undefined): number | string | null => {
  const value = text === null || text === undefined ? undefined : parseDecimal(text);
  return value ? jsonDecimal(value) : null;
};

/** A cell that is not there, or says nothing, counts as 0. */
function differenceOf({ before, after }: CellChange): Decimal {
  const [a, b] = [parseDecimal(before ?? "0"), parseDecimal(after ?? "0")];
  const scale = Math.max(a?.scale ?? 0, b?.scale ?? 0);
  const units = (d: Decimal | undefined): bigint =>
    (d?.units ?? 0n) * 10n ** BigInt(scale - (d?.scale ?? 0));
  return { units: units(b) - units(a), scale };
}

export function healTable(plan: HealPlan): string {
  const { kept, cost, metrics } = plan;
  const day = formatDay(kept.day);
  const incomplete = incompleteLines(plan);
  if (plan.run === undefined)
    return [`${day}: nothing to heal at offsets ${kept.v.join(",")}`, ...incomplete, ""].join("\n");
  const cells = metrics.reduce((n, m) => n + m.changes.length, 0);
  const code = codeChanged(plan);
  const failed = kept.audits.filter((a) => !a.ok);
  const objects = kept.manifests.reduce((n, m) => n + m.objects, 0);
  const lines = [
    `${plan.run}`,
    `day ${day}: ${cells} cells of ${metrics.length} metrics change`,
    `bound to cut ${kept.cut}, offsets ${kept.v.join(",")}, ${objects} archive objects`,
    `code: ${code.length === 0 ? "as before" : `changed: ${code.join(", ")}`}`,
    `cost: ${cost.rows} rows, ${cost.bytes} bytes read, ${Math.round(cost.cpuMs)} ms CPU`,
    ...incomplete,
    ...(plan.stale.length > 0 ? [`rebuilt after it: ${plan.stale.join(", ")}`] : []),
    ...tableOf(metrics),
    failed.length === 0
      ? `audits: ${kept.audits.length} passed`
      : `audits: ${failed.length} of ${kept.audits.length} FAILED; the shadow run is kept and will not be applied`,
    ...failed.map((a) => `  ${a.audit} of ${a.metric}: ${a.found}`),
    ...(plan.pinned ? [`the day is pinned: tandem heal unpin ${day}`] : []),
    ...(failed.length === 0 ? [`apply it with: tandem heal apply ${plan.run}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

const GONE: Readonly<Record<HealPlan["incomplete"][number]["why"], string>> = {
  downsampled: "is downsampled (docs/retention.md)",
  expired: "was given up by retention",
  lost: "is lost (tandem fsck)",
};

/** What no rerun of the day can read, and what that means for its metrics. */
function incompleteLines({ incomplete }: HealPlan): string[] {
  const groups = Map.groupBy(incomplete, (i) => `${i.why} ${i.kept}`);
  return [...groups.values()].map((all) => {
    const [{ why, kept } = { why: "lost" as const, kept: true }] = all;
    const what = kept
      ? "keep the run they have, and what came late stays on top of it"
      : "have or get a run without those events, and their answers say missing";
    return `part of its archive ${GONE[why]}: ${all.map((i) => i.metric).join(", ")} ${what}`;
  });
}

/** Whole days first, then cells, the largest change of each metric first. */
export function tableOf(
  metrics: readonly Pick<MetricChanges, "metric" | "changes" | "totals">[],
): string[] {
  const size = (c: CellChange): number =>
    Math.abs(Number(numberOf(c.after)) - Number(numberOf(c.before)));
  const all = metrics.flatMap((m) =>
    [...m.totals, ...m.changes.filter((c) => c.grain !== "day")]
      .map((c) => ({ m, c }))
      .sort(
        (a, b) =>
          Number(b.c.grain === "day") - Number(a.c.grain === "day") || size(b.c) - size(a.c),
      ),
  );
  if (all.length === 0) return [];
  const shown = all
    .sort((a, b) => Number(b.c.grain === "day") - Number(a.c.grain === "day"))
    .slice(0, LINES);
  const rows = [
    ["metric", "tenant", "by", "window", "before", "after", "change"],
    ...shown.map(({ m, c }) => [
      m.metric,
      c.tenant,
      Object.entries(byOf(c))
        .map(([dim, value]) => `${dim}=${value ?? "-"}`)
        .join(", "),
      c.grain === "day"
        ? formatDay(dayOf(c.window.from))
        : `${formatInstant(c.window.from)} ${c.grain}`,
      c.before ?? "-",
      c.after ?? "-",
      signed(differenceOf(c)),
    ]),
  ];
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((r) => r[at]?.length ?? 0))) ?? [];
  const lines = rows.map((r) =>
    `  ${r.map((t, at) => t.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd(),
  );
  const more = all.length - shown.length;
  return more > 0 ? [...lines, `  … and ${more} more (--format json has all)`] : lines;
}

const signed = (d: Decimal): string => `${d.units > 0n ? "+" : ""}${jsonDecimal(d)}`;
