import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import * as E from "../../../src/events/event-columns.ts";
import * as S from "../../../src/events/scanner/json-grammar.ts";
import { JsonScanner, UNLIMITED_DEPTH } from "../../../src/events/scanner/json-scanner.ts";
import { compilePaths } from "../../../src/events/scanner/path-trie.ts";
import { ShapeScanner } from "../../../src/events/scanner/shape-scanner.ts";
import { Unescaper } from "../../../src/events/scanner/unescape.ts";
import { below, seededRandom } from "../../../src/ports/random.ts";
import { mutate, randomJson } from "./json-documents.ts";

const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const PATHS = [
  "a",
  "b",
  "a.b",
  "a.a.b",
  "ab",
  "",
  "a.",
  "__proto__",
  "__proto__.a",
  "é",
  "\u{1f600}.a",
];
const trie = compilePaths(PATHS);
/** Paths none of which lies above another: containers on the way have no slot. */
const DEEP = ["a.b", "b.a.a", "ab.a", "a.a.ab"];
const deepTrie = compilePaths(DEEP);

/** What JSON.parse says: the value, or undefined where there is none. */
function parsed(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(strict.decode(bytes)) };
  } catch {
    return undefined;
  }
}

function at(value: unknown, path: string): unknown {
  let v = value;
  for (const key of path.split(".")) {
    if (typeof v !== "object" || v === null || Array.isArray(v)) return undefined;
    v = Object.getOwnPropertyDescriptor(v, key)?.value;
  }
  return v;
}

const unescaper = new Unescaper();
function slot(s: JsonScanner | ShapeScanner, bytes: Uint8Array, path: number, of = trie): unknown {
  const i = of.slotOf[path] as number;
  const slice = bytes.subarray(s.starts[i], s.ends[i]);
  if (s.kinds[i] === E.FIELD_ABSENT) return undefined;
  if (s.kinds[i] !== E.FIELD_TEXT) return JSON.parse(strict.decode(slice));
  assert.equal(s.escaped[i] === 1, slice.includes(0x5c));
  unescaper.run(bytes, s.starts[i] as number, s.ends[i] as number);
  return strict.decode(unescaper.bytes.subarray(0, unescaper.length));
}
const wellFormed = (v: unknown): unknown => (typeof v === "string" ? v.toWellFormed() : v);

test("verdict and values are those of JSON.parse, for whole and for broken texts", (t) => {
  const seed = 20191001;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const fresh = () => [
    { s: new JsonScanner(trie), of: trie, paths: PATHS },
    { s: new ShapeScanner(trie), of: trie, paths: PATHS },
    { s: new ShapeScanner(deepTrie), of: deepTrie, paths: DEEP },
    { s: new ShapeScanner(trie, UNLIMITED_DEPTH, "js"), of: trie, paths: PATHS },
  ];
  let scanners = fresh();
  let [good, bad] = [0, 0];
  for (let n = 0; n < 8000; n++) {
    if (n % 16 === 0) scanners = fresh();
    const whole = utf8.encode(randomJson(random, 4));
    const text = n % 3 === 0 ? whole : mutate(random, whole);
    const margin = below(random, 3);
    const bytes = new Uint8Array(text.length + 2 * margin).fill(0x22);
    bytes.set(text, margin);
    const oracle = parsed(text);
    if (oracle) good++;
    else bad++;
    for (const { s, of, paths } of scanners) {
      for (let again = 0; again < 3; again++) {
        // The third time prepared for the whole buffer, as for a batch.
        if (again === 2 && s instanceof ShapeScanner) s.begin(bytes, 0, bytes.length);
        const verdict = s.scan(bytes, margin, margin + text.length);
        const same = (verdict === S.SCAN_OK) === (oracle !== undefined);
        assert.ok(same, same ? "" : `${n}: ${[...text]}`);
        if (!oracle) continue;
        for (const [p, path] of paths.entries()) {
          const got: unknown = slot(s, bytes, p, of);
          const want: unknown = wellFormed(at(oracle.value, path));
          if (isDeepStrictEqual(got, want)) continue;
          assert.deepEqual(got, want, `${n}, path ${path}: ${strict.decode(text)}`);
        }
      }
    }
  }
  assert.ok(good > 2500 && bad > 1500, `${good} good, ${bad} bad`);
});

test("texts of one shape: scalars differ, verdicts and values stay those of JSON.parse", () => {
  const random = seededRandom(7);
  const s = new ShapeScanner(trie);
  const values = [
    '"x"',
    "1",
    "-2.5e3",
    "null",
    "true",
    '"\\u0041é"',
    "{}",
    "[1]",
    "01",
    '"',
    "tru",
    '"\t"',
  ];
  const value = (): string => values[below(random, values.length)] as string;
  for (let n = 0; n < 5000; n++) {
    const tail = below(random, 3) === 0 ? ',"c":{"a": 1}' : "";
    const text = `{"a":${below(random, 2) ? value() : `{"b":${value()}}`},"b":${value()}${tail}}`;
    const bytes = utf8.encode(text);
    const oracle = parsed(bytes);
    assert.equal(s.scan(bytes, 0, bytes.length) === S.SCAN_OK, oracle !== undefined, text);
    for (const [i, p] of oracle ? PATHS.entries() : []) {
      assert.deepEqual(slot(s, bytes, i), at(oracle?.value, p), text);
    }
  }
});

test("more shapes than there is room for change nothing", () => {
  const random = seededRandom(11);
  const s = new ShapeScanner(trie);
  for (let n = 0; n < 25_000; n++) {
    const key = n % 5 === 0 ? "k" : `k${below(random, 1e6)}`;
    const bytes = utf8.encode(`{"${key}":1,"a":{"b":${n}}}`);
    assert.equal(s.scan(bytes, 0, bytes.length), S.SCAN_OK);
    assert.equal(slot(s, bytes, 2), n);
  }
});

const verdictOf = (text: string | readonly number[], depth?: number): number => {
  const bytes = typeof text === "string" ? utf8.encode(text) : Uint8Array.from(text);
  return new JsonScanner(trie, depth).scan(bytes, 0, bytes.length);
};

test("UTF-8 is checked inside strings", () => {
  const inside = (...bytes: number[]): number => verdictOf([0x22, ...bytes, 0x22]);
  assert.equal(inside(0xc3, 0xa9), S.SCAN_OK);
  assert.equal(inside(0xf4, 0x8f, 0xbf, 0xbf), S.SCAN_OK);
  for (const bad of [
    [0x80],
    [0xc0, 0x80],
    [0xc1, 0xbf],
    [0xe0, 0x9f, 0xbf],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x8f, 0xbf, 0xbf],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe2, 0x82],
    [0xff],
  ]) {
    assert.equal(inside(...bad), S.SCAN_BAD_UNICODE, String(bad));
  }
});

test("depth is limited, and costs no call stack", () => {
  const nested = (n: number): string => "[".repeat(n) + "]".repeat(n);
  assert.equal(verdictOf(nested(64)), S.SCAN_OK);
  assert.equal(verdictOf(nested(65)), S.SCAN_TOO_DEEP);
  assert.equal(verdictOf(nested(10_000), UNLIMITED_DEPTH), S.SCAN_OK);
  assert.equal(
    verdictOf(`${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, UNLIMITED_DEPTH),
    S.SCAN_OK,
  );
  assert.equal(verdictOf("[".repeat(10_000), UNLIMITED_DEPTH), S.SCAN_NOT_JSON);
});

test("a string of a megabyte, and no byte order mark", () => {
  assert.equal(verdictOf(`"${"é".repeat(500_000)}"`), S.SCAN_OK);
  assert.equal(verdictOf(`"${"x".repeat(1_000_000)}\u0001"`), S.SCAN_NOT_JSON);
  assert.equal(verdictOf("\ufeff{}"), S.SCAN_NOT_JSON);
});

test("a key that begins like a wanted one of 16 more bytes is another key", () => {
  const s = new JsonScanner(compilePaths(["k0123456789abcdef"]));
  const bytes = utf8.encode('{"k":1}');
  assert.equal(s.scan(bytes, 0, bytes.length), S.SCAN_OK);
  assert.equal(s.kinds[0], E.FIELD_ABSENT);
});

test("keys that differ in a lone surrogate only are different keys", () => {
  const s = new JsonScanner(compilePaths(["\ufffd"]));
  const bytes = utf8.encode('{"\\ufffd":1,"\\ud800":2}');
  assert.equal(s.scan(bytes, 0, bytes.length), S.SCAN_OK);
  assert.equal(strict.decode(bytes.subarray(s.starts[0], s.ends[0])), "1");
  assert.throws(() => compilePaths(["\ud800"]), RangeError);
});
