// The answer that README shows has the shape that answers have, and says nothing that contradicts itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { answerSchema } from "../../src/http/schemas.ts";

test("README's answer is one that the API gives", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const [, asked, shown] =
    /"\$URL(\/metrics\/[^"]+)"\n```\n\n```json\n(.*)\n```/.exec(readme) ?? [];
  assert.ok(asked !== undefined && shown !== undefined);
  const answer = answerSchema.parse(JSON.parse(shown));
  const { pathname, searchParams } = new URL(asked, "http://localhost");
  assert.equal(pathname, `/metrics/${answer.metric}`);
  assert.equal(answer.from.slice(0, 10), searchParams.get("from"));
  assert.equal(answer.until.slice(0, 10), searchParams.get("until"));
  assert.equal(answer.grain, searchParams.get("grain"));
  for (const { value, low, high } of answer.points) {
    assert.ok(Number(low) <= Number(value) && Number(value) <= Number(high));
  }
  const late = /and (\d+) events came late/.exec(readme)?.[1];
  assert.equal(late, String(answer.late_pending));
});
