// CSV (RFC 4180) that a spreadsheet cannot take for formulas: text from events that begins with = + - @ or a control
// character gets a ' before it (OWASP, CSV injection), in every cell that may hold such text. Numbers are ours.
import type { Answer } from "@tandem/shared-logic";
import { dimensionsOf, rowsOf } from "./rows.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is meant
const FORMULA = /^\s*[=+\-@\u0000-\u001f\uff1d\uff0b\uff0d\uff20]/;

const quoted = (text: string): string =>
  /[",\n\r;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** Text that somebody sent. */
export const csvText = (text: string): string => quoted(FORMULA.test(text) ? `'${text}` : text);

const own = (value: string | number | boolean | null | undefined): string =>
  value === null || value === undefined ? "" : quoted(String(value));

export function answersCsv(answers: readonly Answer[]): string {
  const dims = dimensionsOf(answers);
  const head = ["metric", "role", "from", "until", ...dims].map(csvText);
  const lines = [[...head, "value", "low", "high", "exact", "layer", "run"].join(",")];
  for (const { answer, role, point: p } of rowsOf(answers)) {
    const cells = [csvText(answer.metric), role, p.from, p.until];
    for (const dim of dims) {
      const value = p.by?.[dim];
      cells.push(value === undefined ? "" : csvText(value ?? "(none)"));
    }
    cells.push(own(p.value), own(p.low), own(p.high), own(p.exact), p.layer, own(p.run));
    lines.push(cells.join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}
