// docs/runbook.md as it is to be executed: its placeholders, and for each alert the commands of its three parts with
// what the page says that they print. Commands behind `real` need real servers.
import { readFileSync } from "node:fs";

export const PARTS = ["Look", "Heal", "Over"] as const;
export type Part = (typeof PARTS)[number];

export interface Command {
  readonly typed: string;
  /** Texts that stand in its output, in this order. */
  readonly prints: readonly string[];
  readonly real: boolean;
}
export interface Page {
  readonly alert: string;
  readonly text: string;
  readonly parts: Readonly<Record<Part, readonly Command[]>>;
}

const file = new URL("../../../../docs/runbook.md", import.meta.url);

export function readRunbook(text = readFileSync(file, "utf8")) {
  const [head = "", ...sections] = text.split(/^## /m);
  const placeholders = [...head.matchAll(/^\| `([A-Z]+)` \|/gm)].map(([, name = ""]) => name);
  return { placeholders, pages: sections.map(pageOf) };
}

function pageOf(section: string): Page {
  const alert = section.split("\n")[0] ?? "";
  const chunks = section.split(/^\*\*(Look|Heal|Over)\b/m);
  const parts: Record<Part, readonly Command[]> = { Look: [], Heal: [], Over: [] };
  for (const part of PARTS) {
    const at = chunks.indexOf(part);
    parts[part] = at < 0 ? [] : commandsOf(chunks[at + 1] ?? "");
  }
  return { alert, text: section, parts };
}

export function commandsOf(text: string): Command[] {
  return [...text.matchAll(/^```(real)?\n(.*?)^```$/gms)].flatMap(([, real, body = ""]) =>
    body
      .split(/^\$ /m)
      .filter((step) => step.trim() !== "")
      .map((step) => {
        const [typed = "", ...prints] = step.trimEnd().split("\n");
        return { typed, prints, real: real === "real" };
      }),
  );
}
