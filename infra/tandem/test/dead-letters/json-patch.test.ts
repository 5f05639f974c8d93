// JSON Patch (RFC 6902, with examples of its appendix A) and merge patch (RFC 7396, appendix A).
import assert from "node:assert/strict";
import { test } from "node:test";
import { BadPatch, patched } from "../../src/dead-letters/json-patch.ts";

type Json = Parameters<typeof patched>[0];

test("operations of a JSON Patch", () => {
  const cases: [Json, Json, Json][] = [
    [{ foo: "bar" }, [{ op: "add", path: "/baz", value: "qux" }], { baz: "qux", foo: "bar" }],
    [
      { foo: ["bar", "baz"] },
      [{ op: "add", path: "/foo/1", value: "q" }],
      { foo: ["bar", "q", "baz"] },
    ],
    [{ foo: ["bar"] }, [{ op: "add", path: "/foo/-", value: ["a"] }], { foo: ["bar", ["a"]] }],
    [{ baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
    [{ foo: ["bar", "q", "baz"] }, [{ op: "remove", path: "/foo/1" }], { foo: ["bar", "baz"] }],
    [{ baz: "qux" }, [{ op: "replace", path: "/baz", value: null }], { baz: null }],
    [{ a: { b: 1 }, c: {} }, [{ op: "move", from: "/a/b", path: "/c/d" }], { a: {}, c: { d: 1 } }],
    [{ a: [1, 2, 3] }, [{ op: "move", from: "/a/0", path: "/a/2" }], { a: [2, 3, 1] }],
    [{ a: { b: 1 } }, [{ op: "copy", from: "/a", path: "/c" }], { a: { b: 1 }, c: { b: 1 } }],
    [{ "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
    [
      { a: { b: 1, c: 2 } },
      [{ op: "test", path: "/a", value: { c: 2, b: 1 } }],
      { a: { b: 1, c: 2 } },
    ],
  ];
  for (const [value, patch, expected] of cases) {
    const before = structuredClone(value);
    assert.deepEqual(patched(value, patch), expected, JSON.stringify(patch));
    assert.deepEqual(value, before);
  }
  const bad: [Json, Json][] = [
    [{ foo: "bar" }, [{ op: "add", path: "/baz/bat", value: 1 }]],
    [{ foo: [1] }, [{ op: "add", path: "/foo/2", value: 1 }]],
    [{ foo: [1] }, [{ op: "add", path: "/foo/01", value: 1 }]],
    [{ foo: 1 }, [{ op: "replace", path: "/bar", value: 1 }]],
    [{ foo: 1 }, [{ op: "remove", path: "/bar" }]],
    [{ foo: 1 }, [{ op: "test", path: "/foo", value: "1" }]],
    [{ foo: 1 }, [{ op: "add", path: "/bar" }]],
    [{ foo: { a: 1 } }, [{ op: "move", from: "/foo", path: "/foo/b" }]],
    [{}, [{ op: "add", path: "/__proto__", value: 1 }]],
    [{}, [{ op: "replace", path: "/toString/x", value: 1 }]],
    [{}, [{ op: "rename", path: "/a" }]],
    [{}, [{ op: "add", path: "a", value: 1 }]],
    [{}, ["add"]],
  ];
  for (const [value, patch] of bad)
    assert.throws(() => patched(value, patch), BadPatch, JSON.stringify(patch));
});

test("merge patches", () => {
  const cases: [Json, Json, Json][] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [value, patch, expected] of cases) assert.deepEqual(patched(value, patch), expected);
});
