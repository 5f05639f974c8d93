import assert from "node:assert/strict";
import { test } from "node:test";
import { Interner } from "../../src/events/interner.ts";
import { below, seededRandom } from "../../src/ports/random.ts";

const ALPHABETS = ["01", "abc", "\0a", "é\u{1F600}z", "0123456789abcdef"];

test("ranks are the order of UTF-8 bytes, whatever texts have in common", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const letters = [...(ALPHABETS[below(random, ALPHABETS.length)] ?? "")];
    const prefix = ["", "user-", "a-long-common-prefix/"][below(random, 3)] ?? "";
    const longest = [3, 9, 14, 40][below(random, 4)] ?? 0;
    const interner = new Interner();
    for (let n = below(random, 300); n > 0; n--) {
      let text = prefix;
      for (let k = below(random, longest + 1); k > 0; k--)
        text += letters[below(random, letters.length)];
      interner.internText(text);
    }
    const { size, ofCode, encoded, starts } = interner.hold().ranks();
    const texts = Array.from({ length: interner.size }, (_, code) =>
      Buffer.from(interner.utf8(code)),
    );
    const sorted = [...texts].sort(Buffer.compare);
    assert.equal(size, texts.length);
    for (const [code, text] of texts.entries()) {
      const rank = ofCode[code]!;
      assert.deepEqual(sorted[rank], text, `seed ${seed}`);
      const own = Buffer.from(encoded.subarray(starts[rank]!, starts[rank + 1]!));
      assert.deepEqual(own.subarray(1), text);
      assert.equal(own[0], text.length);
    }
  }
});

test("a held store keeps its texts while the interner goes on", () => {
  const interner = new Interner();
  const code = interner.internText("first");
  const held = interner.hold();
  interner.reset();
  interner.internText("second, and longer");
  assert.equal(Buffer.from(held.utf8(code)).toString(), "first");
  assert.equal(held.size, 1);
});
