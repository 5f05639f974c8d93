// An answer as a table for a terminal: its points, then totals and the windows compared with, told apart by a column.
import type { Answer, AnswerPoint } from "@tandem/shared-logic";

const cell = (value: unknown): string =>
  value === null || value === undefined ? "" : String(value);

function columns(answer: Answer): { readonly head: string[]; readonly rows: string[][] } {
  const { points, total = [], compare } = answer;
  const told = answer.total !== undefined || compare !== undefined;
  const head = [...(told ? ["role"] : []), "from", "until", ...answer.by];
  const row = (p: AnswerPoint, role: string): string[] => [
    ...(told ? [role] : []),
    p.from,
    p.until,
    ...answer.by.map((d) => cell(p.by?.[d])),
    cell(p.value),
    cell(p.low),
    cell(p.high),
    p.exact ? "yes" : "no",
    p.layer,
  ];
  return {
    head: [...head, "value", "low", "high", "exact", "layer"],
    rows: [
      ...points.map((p) => row(p, "point")),
      ...total.map((p) => row(p, "total")),
      ...(compare?.points ?? []).map((p) => row(p, "compare")),
    ],
  };
}

export function answerTable(answer: Answer): string {
  const { head, rows } = columns(answer);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => (r[i] ?? "").length)));
  const line = (r: readonly string[]): string =>
    `${r
      .map((c, i) => c.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd()}\n`;
  const notes = [
    `${answer.metric} version ${answer.version} (${answer.unit}), ${answer.grain}, ${answer.tz}`,
    `horizon ${answer.horizon ?? "none"}, freshness ${answer.freshness ?? "none"}`,
    ...(answer.groups === undefined ? [] : [`${answer.groups} groups`]),
    ...(answer.next === undefined ? [] : [`next page: --cursor ${answer.next}`]),
    ...answer.missing.map((m) => `missing ${m.from} to ${m.until}: ${m.why}`),
  ];
  for (const name of ["late_pending", "suspected", "unchecked", "skipped"] as const) {
    if (answer[name] > 0) notes.push(`${name} ${answer[name]}`);
  }
  if (answer.capped) notes.push("capped: groups beyond the limit are in (other)");
  if (answer.degraded.length > 0) notes.push(`degraded: ${answer.degraded.join(", ")}`);
  return line(head) + rows.map(line).join("") + notes.map((n) => `# ${n}\n`).join("");
}
