// Texts are ordered as their UTF-8 bytes are, astral characters included.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareNullableUtf8, compareUtf8 } from "../../src/codec/text-order.ts";

test("the order is that of the bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      assert.equal(Math.sign(compareUtf8(a, b)), bytes);
      assert.equal(Math.sign(compareUtf8(`\u{ff21}${a}`, `\u{ff21}${b}`)), bytes);
    }),
  );
  assert.ok(compareUtf8("\u{1F600}", "\u{FFFD}") > 0);
  assert.ok("\u{1F600}" < "\u{FFFD}");
});

test("null stands before every text", () => {
  assert.ok(compareNullableUtf8(null, "") < 0);
  assert.ok(compareNullableUtf8("", null) > 0);
  assert.equal(compareNullableUtf8(null, null), 0);
  assert.ok(compareNullableUtf8("a", "b") < 0);
});
