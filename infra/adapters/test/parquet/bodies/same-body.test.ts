// A row whose shape and values give other bytes than its body is found out, whatever differs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Interner } from "@tandem/shared-logic";
import { OwnTexts } from "../../../src/parquet/bodies/own-texts.ts";
import { SameBody } from "../../../src/parquet/bodies/same-body.ts";

test("a body is the same where every piece is, and ends where they end", () => {
  const interner = new Interner();
  const texts = { interner, codes: Int32Array.of(interner.internText("ab")) };
  const body = Buffer.from('{"tenant":"ab","n":17}');
  const [starts, ends] = [Int32Array.of(19), Int32Array.of(21)];
  const slices = { bytes: body, starts: Int32Array.of(-1), ends: Int32Array.of(-1) };
  const own = new OwnTexts({
    ...{ ids: slices, types: texts, users: texts, sessions: texts, tenants: texts },
    sentMs: Float64Array.of(0),
  });
  const shapes = new Interner();
  const same = new SameBody(shapes, own, body, [{ starts, ends }]);
  const is = (shape: string, until = body.length): boolean =>
    same.is(0, shapes.internText(shape), 0, until);
  assert.equal(is('{"tenant":"\u0005","n":\u000e}'), true);
  assert.equal(is('{"tenant":"ab","n":17}'), true);
  // Another byte, another mark, one without a value, a text of an id that the row has not.
  for (const shape of [
    '{"tenant":"\u0005","m":\u000e}',
    '{"tenant":"\u000e","n":\u000e}',
    '{"tenant":"\u0003","n":\u000e}',
    '{"tenant":"\u0001","n":\u000e}',
    '{"tenant":"\u0005","n":\u000e',
    '{"tenant":"\u0005","n":\u000e}}',
  ])
    assert.equal(is(shape), false, shape);
  assert.equal(is('{"tenant":"\u0005","n":\u000e}', body.length - 1), false);
});
