// Two rows have the same number exactly where their ids are the same text, whatever the ids look like, whether the
// column gave them codes or not, with the kernel and without; also past several tables, and where hashes are equal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DictionaryColumn } from "../../src/events/dictionary-column.ts";
import { type FieldColumn, NO_TEXT } from "../../src/events/event-columns.ts";
import { IdNumbers } from "../../src/events/id-numbers.ts";
import { Interner } from "../../src/events/interner.ts";
import { IdKernel } from "../../src/events/kernels/id-kernel.ts";
import { chooseKernels, chosenKernels } from "../../src/events/kernels/kernel-choice.ts";
import { LateColumn } from "../../src/events/late-column.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { idOfHash, idOfHashAndSecond } from "./crafted-ids.ts";
import { packedTexts } from "./packed-texts.ts";

const encoder = new TextEncoder();

function uuid(random: Random): string {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => "0123456789abcdef"[below(random, 16)]).join("");
  return `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;
}

/** A UUID, and what is nearly the same one, or none. */
function twoIds(random: Random): readonly string[] {
  const id = uuid(random);
  const at = [8, 13, 18, 23, below(random, 36), below(random, 36)][below(random, 6)]!;
  const other = "gG/:@`-F\0"[below(random, 9)]!;
  const near = [
    id.toUpperCase(),
    id.slice(0, at),
    `${id}0`,
    id.slice(0, at) + other + id.slice(at + 1),
    id.slice(0, at) + other + id.slice(at + 1),
    id.slice(0, at) + other + id.slice(at + 1),
    "00000000-0000-0000-0000-000000000000",
    "",
    `é${id.slice(2)}`,
  ];
  return [id, near[below(random, near.length)]!];
}

/** The column of ids, by codes or by slices, which come in two parts and may lie in any order and with bytes between. */
function columnOf(random: Random, ids: readonly (string | undefined)[]): FieldColumn {
  const interner = new Interner();
  const codes = Int32Array.from(ids, (id) =>
    id === undefined ? NO_TEXT : interner.internText(id),
  );
  const coded = new DictionaryColumn(interner, codes, ids.length);
  if (below(random, 3) === 0) return coded;
  const texts = ids.map((id) => encoder.encode(id ?? ""));
  if (!ids.includes(undefined)) {
    const first = below(random, ids.length + 1);
    const parts = [texts.slice(0, first), texts.slice(first)].map((t) => packedTexts(t, 3));
    return new LateColumn(
      interner,
      (visit) => {
        visit(parts[0]!, 0, first);
        visit(parts[1]!, first, ids.length - first);
      },
      () => coded,
    );
  }
  const bytes = new Uint8Array(texts.reduce((sum, t) => sum + t.length + 3, 0));
  const [starts, ends] = [new Int32Array(ids.length), new Int32Array(ids.length)];
  const order = [...ids.keys()];
  if (below(random, 2) === 0) order.reverse();
  let at = 0;
  for (const row of order) {
    const text = texts[row]!;
    bytes.set(text, at);
    [starts[row], ends[row]] = ids[row] === undefined ? [-1, -1] : [at, at + text.length];
    at += text.length + below(random, 4);
  }
  return new LateColumn(
    interner,
    (visit) => {
      const first = below(random, ids.length + 1);
      visit({ bytes, starts, ends }, 0, first);
      const [more, theirs] = [starts.subarray(first), ends.subarray(first)];
      visit({ bytes, starts: more, ends: theirs }, first, ids.length - first);
    },
    () => coded,
  );
}

test("ids have the same number exactly where they are the same text", () => {
  const before = chosenKernels();
  for (let seed = 0; seed < 60; seed++) {
    chooseKernels(seed % 3 === 0 ? "js" : "fast");
    const random = seededRandom(seed);
    const pool = Array.from({ length: 100 }, () => twoIds(random)).flat();
    const numbers = new IdNumbers(below(random, 3) * 10_000);
    const known = new Map<string, number>();
    for (let batch = 0; batch < 4; batch++) {
      const missing = below(random, 2) * 20;
      const ids = Array.from({ length: below(random, 400) }, () =>
        below(random, 400) < missing ? undefined : pool[below(random, pool.length)],
      );
      const of = numbers.of(columnOf(random, ids), ids.length);
      for (const [row, id] of ids.entries()) {
        if (id === undefined) assert.equal(of[row], NO_TEXT);
        else if (known.has(id)) assert.equal(of[row], known.get(id), `seed ${seed}: ${id}`);
        else known.set(id, of[row]!);
      }
      assert.equal(numbers.size, known.size, `seed ${seed}`);
      const all = [...known.values()].sort((a, b) => a - b);
      assert.deepEqual(all, [...all.keys()], `seed ${seed}`);
    }
    // Whoever comes next has its memory, and knows none of its ids.
    if (below(random, 2) === 0) numbers.release();
  }
  chooseKernels(before);
});

for (const expected of [0, 20_000, 1_000_000]) {
  test(`a hundred thousand ids, some of which share a hash, are told apart where ${expected} are expected`, () => {
    const count = 120_000;
    const random = seededRandom(7);
    const bytes = new Uint8Array(36 * count);
    for (let at = 0; at < bytes.length; at++) {
      const k = at % 36;
      const dash = k === 8 || k === 13 || k === 18 || k === 23;
      bytes[at] = dash ? 45 : "0123456789abcdef".charCodeAt(below(random, 16));
    }
    const starts = Int32Array.from({ length: count }, (_, row) => 36 * row);
    const ends = starts.map((start) => start + 36);
    const numbers = new IdNumbers(expected);
    const column = new LateColumn(
      new Interner(),
      (visit) => visit({ bytes, starts, ends }, 0, count),
      () => assert.fail("nobody asked for codes"),
    );
    const first = numbers.of(column, count).slice();
    assert.equal(numbers.size, count);
    assert.deepEqual(numbers.of(column, count), first);
    assert.equal(numbers.size, count);
    numbers.release();
  });
}

test("ids that differ in one character are told apart, whichever it is and wherever it stands", () => {
  const id = uuid(seededRandom(11));
  const characters = [..."0123456789abcdef/:`g@AFGO\0-v"];
  const ids = [...id].flatMap((_, at) =>
    characters.map((c) => id.slice(0, at) + c + id.slice(at + 1)),
  );
  const different = [...new Set(ids)];
  const numbers = new IdNumbers();
  const random = seededRandom(1);
  const of = numbers.of(columnOf(random, different), different.length);
  assert.equal(new Set(of.subarray(0, different.length)).size, different.length);
  assert.equal(numbers.size, different.length);
});

test("ids of one hash, of none and of the last seats are told apart", () => {
  const random = seededRandom(3);
  const any = (): bigint =>
    (BigInt(below(random, 2 ** 32)) << 32n) | BigInt(below(random, 2 ** 32));
  const low = (): bigint => BigInt(below(random, 2 ** 32));
  const first = any();
  const ids = [
    ...Array.from({ length: 20 }, () => idOfHash(first, low())),
    ...Array.from({ length: 20 }, () => idOfHash(any(), low())),
    ...Array.from({ length: 20 }, () => idOfHash(first, (77n << 32n) | low())),
    ...Array.from({ length: 20 }, () => idOfHashAndSecond(first, (78n << 32n) | low())),
    ...Array.from({ length: 40 }, () => idOfHash(any(), (0xfff00000n << 32n) | any())),
    ...Array.from({ length: 40_000 }, () => idOfHash(any(), any())),
  ];
  for (const expected of [0, 100_000]) {
    const numbers = new IdNumbers(expected);
    const all: number[] = [];
    for (let from = 0; from < ids.length; ) {
      const part = ids.slice(from, from + 1 + below(random, 3000));
      all.push(...numbers.of(columnOf(random, part), part.length).subarray(0, part.length));
      from += part.length;
    }
    assert.deepEqual(all, [...ids.keys()]);
    assert.deepEqual(
      [...numbers.of(columnOf(random, ids), ids.length).subarray(0, ids.length)],
      all,
    );
    assert.equal(numbers.size, ids.length);
    numbers.release();
  }
});

test("a late column gives codes, kinds and texts where they are asked for, and reads them once", () => {
  const interner = new Interner();
  const codes = Int32Array.of(interner.internText("a"), NO_TEXT);
  let reads = 0;
  const column = new LateColumn(
    interner,
    () => assert.fail("nobody asked for slices"),
    () => {
      reads++;
      return new DictionaryColumn(interner, codes, 2);
    },
  );
  assert.equal(column.text(0), "a");
  assert.equal(column.text(1), undefined);
  assert.deepEqual(column.codes(), codes);
  assert.deepEqual([...column.kinds.subarray(0, 2)], [2, 0]);
  assert.equal(column.hashes().length >= 4, true);
  assert.equal(column.decimals(2).status[1], 1);
  assert.equal(reads, 1);
});

test("the kernel numbers each UUID in small letters itself, and none that has another character", () => {
  const random = seededRandom(8);
  const othersOf = (ids: readonly string[]): number | undefined => {
    const slices = packedTexts(
      ids.map((id) => encoder.encode(id)),
      0,
    );
    return IdKernel.create()?.number(slices, ids.length, new Int32Array(ids.length), 0).others;
  };
  const ids = Array.from({ length: 300 }, () => uuid(random));
  const isOwn = (id: string): boolean =>
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id);
  const [id = ""] = ids;
  for (let at = 0; at < 36; at++)
    for (let code = 0; code < 128; code++)
      ids.push(id.slice(0, at) + String.fromCharCode(code) + id.slice(at + 1));
  const others = othersOf(ids);
  if (others !== undefined) assert.equal(others, ids.filter((each) => !isOwn(each)).length);
});
