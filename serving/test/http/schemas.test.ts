// The schema of an answer and its type say the same, both ways; the compiler is the test.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "@tandem/shared-logic";
import type { z } from "zod";
import { answerSchema } from "../../src/http/schemas.ts";

type Said = z.infer<typeof answerSchema>;
type Same<A, B> = [A] extends [B] ? true : false;
const everyAnswerFits: Same<keyof Answer, keyof Said> = true;
const nothingMore: Same<keyof Said, keyof Answer> = true;

test("the same fields", () => {
  assert.ok(everyAnswerFits && nothingMore);
  assert.ok(!answerSchema.safeParse({}).success);
});
