// A stream takes what the document says that it takes; the rest is refused by name, also within a question of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTES } from "../../src/http/routes.ts";
import { asksOf, NOT_LIVE } from "../../src/live/asks.ts";
import { PARAMETERS } from "../../src/query/parameters.ts";

test("every parameter is taken and documented, or refused and not", () => {
  const [live] = ROUTES.filter((r) => r.path === "/metrics/{name}/live");
  const documented = live?.parameters.map((p) => p.name) ?? [];
  for (const name of [...PARAMETERS, "format"]) {
    const alone = asksOf({ [name]: "x" }, "events", 10);
    const shared = asksOf({ metrics: "events", [name]: "x" }, undefined, 10);
    const own = asksOf({ ask: `events?${name}=x` }, undefined, 10);
    for (const asks of [alone, shared, own]) {
      assert.equal(asks.ok, documented.includes(name), name);
      assert.equal(asks.ok, !Object.hasOwn(NOT_LIVE, name), name);
      if (asks.ok) continue;
      assert.equal(asks.problem.parameter, name);
      assert.ok(asks.problem.would_work.length > 0);
    }
  }
});
