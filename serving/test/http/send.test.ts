import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesTag } from "../../src/http/entity-tag.ts";
import { codingFor } from "../../src/http/send.ts";

test("the coding with the highest weight, ours first among equals", () => {
  const cases: [string | undefined, string | undefined][] = [
    [undefined, undefined],
    ["", undefined],
    ["identity", undefined],
    ["gzip, deflate, br", "br"],
    ["gzip;q=1.0, br;q=0.5", "gzip"],
    ["GZIP", "gzip"],
    ["*", "br"],
    ["br;q=0, *", "gzip"],
    ["gzip;q=0, br;q=0", undefined],
    ["zstd", undefined],
    ["gzip;q=x", undefined],
  ];
  for (const [accepted, coding] of cases) assert.equal(codingFor(accepted), coding, accepted);
});

test("an entity tag matches weakly, in a list and by a star", () => {
  for (const header of ['"x"', 'W/"x"', '"a", W/"x"', "*"])
    assert.ok(matchesTag(header, "x"), header);
  for (const header of [undefined, "", '"y"', "x", 'W/"xx"'])
    assert.ok(!matchesTag(header, "x"), header);
});
