import assert from "node:assert/strict";
import { test } from "node:test";
import { below, seededRandom } from "../../src/ports/random.ts";
import { randomJson } from "./scanner/json-documents.ts";
import { splitEvents } from "./split-events.ts";

const utf8 = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The slices' texts, or the reason for refusing all. */
function split(body: string | Uint8Array): string[] | string {
  const bytes = typeof body === "string" ? utf8.encode(body) : body;
  const { count, starts, ends, problem } = splitEvents(bytes);
  if (problem) {
    assert.equal(count, 0);
    return problem.reason;
  }
  return Array.from({ length: count }, (_, i) =>
    decoder.decode(bytes.subarray(starts[i], ends[i])),
  );
}

test("one object, an array, lines", () => {
  for (const [body, expected] of [
    ["", []],
    [" \r\n\t ", []],
    ['{"a":1}', ['{"a":1}']],
    ['\ufeff{"a":1}\n', ['{"a":1}']],
    ['\n {\n "a":\n1 }\n\n', ['{\n "a":\n1 }']],
    ['{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
    ['{"a":1}\r\n\r\n  \n{"b":2} \t\r\n', ['{"a":1}', '{"b":2}']],
    ['{"a":1\n{"b":2}\n', ['{"a":1', '{"b":2}']],
    ['{"a":1}\nnonsense\n[1]\n{}', ['{"a":1}', "nonsense", "[1]", "{}"]],
    ["nonsense", ["nonsense"]],
    ["{} {}", ["{} {}"]],
    ["[]", []],
    [" [ ] \n", []],
    ['[{"a":"]"} ,\n{"b":[1,{}]},5]', ['{"a":"]"}', '{"b":[1,{}]}', "5"]],
    [`[${"[".repeat(5000)}${"]".repeat(5000)}]`, ["[".repeat(5000) + "]".repeat(5000)]],
    ["[", "not_json"],
    ["[{}", "not_json"],
    ["[{},", "not_json"],
    ["[{},]", "not_json"],
    ["[,{}]", "not_json"],
    ["[{}{}]", "not_json"],
    ["[1;2]", "not_json"],
    ['[{"a":1},{"a":01},{"a":1}]', "not_json"],
    ["[{}] x", "not_json"],
    ["[{}]\n[{}]", "not_json"],
  ] as const) {
    assert.deepEqual(split(body), expected, body.slice(0, 40));
  }
  assert.equal(split(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d)), "bad_unicode");
});

test("an array is taken apart as JSON.parse does, lines come back as they went in", (t) => {
  const seed = 3;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  for (let n = 0; n < 300; n++) {
    const values = Array.from({ length: below(random, 90) }, () => randomJson(random, 3));
    const texts = split(`[${values.join(" ,\n")}]`);
    assert.ok(Array.isArray(texts));
    assert.deepEqual(
      texts.map((x) => JSON.parse(x)),
      values.map((x) => JSON.parse(x)),
    );
    const lines = values.map((x) => JSON.stringify({ x }));
    assert.deepEqual(split(lines.join(below(random, 2) ? "\n" : "\r\n")), lines);
  }
});
