// However a broker's answers come in pieces, they are given whole, each once, in order, in memory of their own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, type Random, seededRandom } from "@tandem/shared-logic";
import { AnswerMemory } from "../../../src/kafka/wire/answer-memory.ts";
import { Frames } from "../../../src/kafka/wire/frames.ts";

function frameOf(random: Random, sizeBytes: number): Buffer {
  const frame = Buffer.from(Uint8Array.from({ length: 4 + sizeBytes }, () => random.u32()));
  frame.writeInt32BE(sizeBytes);
  return frame;
}

/** What comes of `bytes`, of which the socket has so many at a time as `pieces` says. */
function given(bytes: Buffer, pieces: (left: number) => number): Buffer[] {
  const frames = new Frames(new AnswerMemory());
  const all: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const room = frames.room();
    assert.ok(room.length > 0);
    const n = Math.min(room.length, pieces(bytes.length - at), bytes.length - at);
    room.set(bytes.subarray(at, at + n));
    frames.take(n, (frame) => all.push(frame));
    at += n;
  }
  return all;
}

test("frames of any sizes in any pieces (seeds 1 to 200)", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const most = [8, 300, 70_000, 400_000][seed % 4] ?? 8;
    const sent = Array.from({ length: 1 + below(random, 12) }, () =>
      frameOf(random, 4 + below(random, most)),
    );
    const largest = [3, 100, 65_536, 1 << 20][below(random, 4)] ?? 3;
    const came = given(Buffer.concat(sent), () => 1 + below(random, largest));
    assert.equal(came.length, sent.length, `seed ${seed}`);
    for (const [i, frame] of came.entries())
      assert.ok(frame.equals(sent[i]!), `seed ${seed}: ${i}`);
  }
});

test("a frame that says it is long takes no more memory than came, twice", () => {
  const frames = new Frames(new AnswerMemory());
  const sizeBytes = 2 ** 31 - 1;
  const head = Buffer.alloc(4);
  head.writeInt32BE(sizeBytes);
  frames.room().set(head);
  frames.take(4, () => assert.fail("nothing is whole"));
  assert.ok(frames.room().length <= 16 << 20);
  frames.take(frames.room().length, () => assert.fail("nothing is whole"));
  assert.ok(frames.room().length <= 16 << 20);
});

test("frames stay as they came while memory of those that were freed is used again (seeds 1 to 50)", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed);
    const memory = new AnswerMemory();
    const frames = new Frames(memory);
    const held: { readonly frame: Buffer; readonly sent: Buffer }[] = [];
    for (let i = 0; i < 60; i++) {
      const sent = frameOf(random, 4 + below(random, 300_000));
      for (let at = 0; at < sent.length; ) {
        const room = frames.room();
        const n = Math.min(room.length, 1 + below(random, 200_000), sent.length - at);
        room.set(sent.subarray(at, at + n));
        frames.take(n, (frame) => held.push({ frame, sent }));
        at += n;
      }
      for (const { frame, sent } of held) assert.ok(frame.equals(sent), `seed ${seed}`);
      // Some are freed, some of those twice, and by any part of theirs.
      if (below(random, 3) === 0) continue;
      const [freed] = held.splice(below(random, held.length), 1);
      const part = freed?.frame.subarray(below(random, 4)) ?? Buffer.alloc(0);
      memory.free(part);
      if (below(random, 2) === 0) memory.free(part);
    }
  }
});

test("a long frame is given whole", () => {
  const frame = Buffer.alloc(4 + 40_000_000, 7);
  frame.writeInt32BE(40_000_000);
  const [came] = given(Buffer.concat([frame, Buffer.from([0, 0, 0, 4, 1, 2, 3, 4])]), (n) => n);
  assert.ok(came?.equals(frame));
});

test("a size that is none is refused", () => {
  const frames = new Frames(new AnswerMemory());
  frames.room().set([255, 255, 255, 255]);
  assert.throws(() => frames.take(4, () => undefined), RangeError);
});
