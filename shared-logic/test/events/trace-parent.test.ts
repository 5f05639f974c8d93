// Which headers name a trace (the examples are those of W3C Trace Context).
import assert from "node:assert/strict";
import { test } from "node:test";
import { traceIdOf } from "@tandem/shared-logic";

const ID = "4bf92f3577b34da6a3ce929d0e0e4736";

test("a traceparent names its trace, whatever its version adds", () => {
  assert.equal(traceIdOf(`00-${ID}-00f067aa0ba902b7-01`), ID);
  assert.equal(traceIdOf(`01-${ID}-00f067aa0ba902b7-00-more`), ID);
});

test("anything else names none", () => {
  const wrong = [
    undefined,
    ["00"],
    "",
    `ff-${ID}-00f067aa0ba902b7-01`,
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    `00-${ID}-${"0".repeat(16)}-01`,
    `00-${ID.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${ID}-00f067aa0ba902b7-01x`,
    `00-${ID}-00f067aa0ba902b7-01-${"x".repeat(128)}`,
  ];
  for (const value of wrong) assert.equal(traceIdOf(value), undefined, String(value));
});
