// Conditions in words: as short as they are clear, and nothing that means another thing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionWords } from "../../src/metrics/condition-words.ts";
import { and, eventType, exists, isIn, not, or } from "../../src/metrics/selector.ts";

test("conditions in words", () => {
  const view = eventType("view");
  const de = isIn("properties.country", "DE");
  for (const [condition, words] of [
    [view, "view"],
    [eventType("view", "cart"), "cart or view"],
    [and(view, de), "view, properties.country DE"],
    [and(or(view, exists("user")), not(de)), "(view or user given), not (properties.country DE)"],
    [or(view, and(view, de)), "view or (view, properties.country DE)"],
  ] as const)
    assert.equal(conditionWords(condition), words);
});
