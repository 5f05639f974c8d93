// The formats of answers. JSON and NDJSON carry everything, CSV and Arrow the points as rows (Arrow the rest in its
// schema's metadata). Values stay exact: beyond 15 digits they are text in JSON, and text in all rows of CSV.
import type { Answer } from "@tandem/shared-logic";
import { answersCsv } from "./csv.ts";
import { answersNdjson } from "./ndjson.ts";

export const FORMATS = ["json", "csv", "ndjson", "arrow"] as const;
export type Format = (typeof FORMATS)[number];

export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: "application/json; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  ndjson: "application/x-ndjson; charset=utf-8",
  arrow: "application/vnd.apache.arrow.stream",
};

/** `alone`: one answer, not a list of one. */
export async function written(
  format: Format,
  answers: readonly Answer[],
  alone: boolean,
): Promise<Uint8Array> {
  // Arrow's library is large: only who asks for it loads it.
  if (format === "arrow") return (await import("./arrow.ts")).answersArrow(answers);
  const encoder = new TextEncoder();
  if (format === "csv") return encoder.encode(answersCsv(answers));
  if (format === "ndjson") return encoder.encode(answersNdjson(answers));
  return encoder.encode(JSON.stringify(alone ? answers[0] : { answers }));
}
