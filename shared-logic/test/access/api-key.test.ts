import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ApiKey,
  denialOf,
  epochMs,
  equalDigests,
  formatPresentedKey,
  isTenantName,
  parsePresentedKey,
  SCOPES,
} from "@tandem/shared-logic";

const ID = "0123456789ab";
const SECRET = "0123456789abcdef".repeat(4);

test("a presented key is parsed as it is formatted, and nothing else is one", () => {
  const text = formatPresentedKey({ id: ID, secret: SECRET });
  assert.deepEqual(parsePresentedKey(text), { id: ID, secret: SECRET });
  const others = [
    "",
    "tdm_",
    ` ${text}`,
    `${text}\n`,
    `${text}0`,
    text.slice(0, -1),
    text.toUpperCase(),
    text.replace("tdm", "tdn"),
    text.replaceAll("_", "-"),
  ];
  for (const other of others) assert.equal(parsePresentedKey(other), undefined, other);
});

test("tenant names", () => {
  for (const name of ["a", "0", "acme", "a-b_c", "a".repeat(63)])
    assert.ok(isTenantName(name), name);
  const others = ["", "-a", "_a", "A", "a b", "a/b", "ä", "a\n", "a".repeat(64), "__proto__"];
  for (const name of others) assert.ok(!isTenantName(name), name);
});

test("a scope is held or not, none contains another, a revoked key holds none", () => {
  for (const held of SCOPES) {
    const key: ApiKey = { id: ID, tenant: "acme", scopes: [held], hash: "", createdMs: epochMs(0) };
    for (const asked of SCOPES) {
      assert.equal(denialOf(key, asked), asked === held ? undefined : "key_scope");
      assert.equal(denialOf({ ...key, revokedMs: epochMs(0) }, asked), "key_revoked");
    }
  }
});

test("digests are equal or not, wherever they differ", () => {
  assert.ok(equalDigests(SECRET, `${SECRET}`));
  assert.ok(!equalDigests(SECRET, SECRET.slice(1)));
  for (let i = 0; i < SECRET.length; i++) {
    const other = `${SECRET.slice(0, i)}x${SECRET.slice(i + 1)}`;
    assert.ok(!equalDigests(SECRET, other), `position ${i}`);
  }
});
