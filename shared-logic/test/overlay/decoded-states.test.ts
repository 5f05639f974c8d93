// Decoded states of cells are what the algebra decodes, also where bytes come again.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Algebra } from "../../src/algebra/algebra.ts";
import { decodeBlock, encodeBlock } from "../../src/fold/block.ts";
import { stateDecoder } from "../../src/overlay/decoded-states.ts";

const bytesOf = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("a cell's state is decoded from its own bytes, and short ones once", () => {
  const asked: string[] = [];
  const algebra = {
    decode(bytes: Uint8Array) {
      asked.push(hex(bytes));
      return hex(bytes);
    },
  } as Partial<Algebra<never, unknown>> as Algebra<never, unknown>;
  // Of other lengths, with zeros at either end, and longer than what is remembered.
  const states = [
    bytesOf(),
    bytesOf(0),
    bytesOf(0, 0),
    bytesOf(1, 0),
    bytesOf(0, 1),
    bytesOf(255, 255, 255, 255, 255),
    bytesOf(0, 255, 255, 255, 255, 255),
    bytesOf(1, 2, 3, 4, 5, 6, 7),
  ];
  const cells = [...states, ...states].map((state, cell) => ({
    cell,
    events: 300 * cell,
    skipped: cell,
    state,
  }));
  const block = Buffer.concat([bytesOf(9, 9), encodeBlock(cells)]);
  const decoded = decodeBlock(block.subarray(2));
  const stateOf = stateDecoder(algebra);
  for (const [i, cell] of decoded.entries()) {
    const { state, ...rest } = cells[i] ?? assert.fail();
    assert.deepEqual({ cell: cell.cell, events: cell.events, skipped: cell.skipped }, rest);
    assert.equal(hex(cell.state), hex(state));
    assert.equal(stateOf(cell.source, cell.from, cell.until), hex(state));
  }
  // Longer ones are read each time.
  assert.equal(asked.length, states.length + 3);
  assert.equal(stateDecoder(algebra), stateOf);
});

test("more texts than are remembered", () => {
  const algebra = { decode: (bytes: Uint8Array) => hex(bytes) } as Partial<
    Algebra<never, unknown>
  > as Algebra<never, unknown>;
  const stateOf = stateDecoder(algebra);
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 10_000; n++) {
      const state = bytesOf(n >> 8, n & 255);
      assert.equal(stateOf(state, 0, state.length), hex(state));
    }
  }
});
