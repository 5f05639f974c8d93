import { test } from "node:test";
import { memoryDeadLetters } from "@tandem/adapters/memory";
import { deadLettersSuite } from "@tandem/shared-logic/testing";

deadLettersSuite({
  test,
  open: async (limits, clock) => ({ store: memoryDeadLetters(clock, limits) }),
});
