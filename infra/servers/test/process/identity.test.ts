import assert from "node:assert/strict";
import { test } from "node:test";
import { hasEnded, identify, isAlive, parsePs, parseStat } from "../../src/process/identity.ts";
import { dummy, until } from "../temp-folder.ts";

const stat = (name: string): string =>
  `42 (${name}) S 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 1`;

test("state and start time are found behind any name", () => {
  for (const name of ["java", "a b", ") R 9", "((x))"]) {
    assert.deepEqual(parseStat(stat(name)), { state: "S", started: "98765", threads: 1 });
  }
  assert.equal(parseStat(""), undefined);
});

test("a zombie has ended when the last of its threads has: until then its port is taken", () => {
  const of = (state: string, threads: number): boolean =>
    hasEnded({ state, threads, started: "98765" });
  assert.deepEqual([of("S", 1), of("Z", 1), of("Z", 3)], [false, true, false]);
  assert.ok(hasEnded({ state: "Z", started: "as ps has it" }));
});

test("a line of ps", () => {
  const line = "Ss   Sat Nov 21 06:57:01 2026\n";
  assert.deepEqual(parsePs(line), { state: "S", started: "Sat Nov 21 06:57:01 2026" });
  assert.equal(parsePs("\n"), undefined);
});

test("this process is alive, one born at another time with its pid is not", () => {
  const self = identify(process.pid);
  assert.ok(self);
  assert.ok(isAlive(self));
  assert.ok(!isAlive({ ...self, born: `${self.born}0` }));
});

test("a process is gone when it has ended, also as a zombie", async (t) => {
  // The inner sleep is never reaped: `exec` put another program in the place of its parent.
  const { line } = await dummy(t, "sleep 0.01 & echo $!; exec sleep 60");
  await until(() => identify(Number(line)) === undefined, "the zombie counts as gone");
  assert.doesNotThrow(() => process.kill(Number(line), 0), "it is still in the process table");
});
