// The tables of codes and the page that explains them are held against each other, both ways.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ERROR_CODES, REASONS, TandemError } from "../src/index.ts";

const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
const [codes = "", reasons = ""] = page.split("## Rejected events");
const rowsOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map((m) => [m[1], m[2]]));

test("docs/errors.md lists every code, and no other, in the code's words", () => {
  assert.deepEqual(rowsOf(codes), { ...ERROR_CODES });
});

test("docs/errors.md lists every reason, and no other, in the code's words", () => {
  assert.deepEqual(rowsOf(reasons), { ...REASONS });
});

test("an error carries its code, whether to try again, details and cause", () => {
  const cause = new Error("disk");
  const error = new TandemError("log_unavailable", { details: { partition: 1 }, cause });
  assert.equal(error.retryable, true);
  assert.equal(error.message, ERROR_CODES.log_unavailable);
  assert.deepEqual([error.details, error.cause], [{ partition: 1 }, cause]);
  assert.equal(new TandemError("archive_gap").retryable, false);
});
