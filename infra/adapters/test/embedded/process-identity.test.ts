// Who lives, by what the system says at each moment of an end: it runs, is a zombie, is gone between two questions.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  identityOf,
  isAlive,
  type ProcessFacts,
  systemProcesses,
} from "../../src/embedded/process-identity.ts";

const IDENTITY = { pid: 7, boot: "b", started: "100" };
const RUNNING = { state: "S", started: "100" };

/** `answers`: one for each time it is asked. */
const facts = (
  answers: readonly boolean[],
  found?: typeof RUNNING,
  boot?: string,
): ProcessFacts => {
  const left = [...answers];
  return {
    boot: async () => boot,
    answers: () => left.shift() ?? assert.fail("asked too often"),
    stat: async () => found,
  };
};

test("one that runs lives; a zombie, one of another boot and one that got its number do not", async () => {
  assert.ok(await isAlive(IDENTITY, facts([true], RUNNING, "b")));
  assert.ok(!(await isAlive(IDENTITY, facts([true], { ...RUNNING, state: "Z" }, "b"))));
  assert.ok(!(await isAlive(IDENTITY, facts([true], RUNNING, "c"))));
  assert.ok(!(await isAlive(IDENTITY, facts([true], { ...RUNNING, started: "101" }, "b"))));
  assert.ok(!(await isAlive(IDENTITY, facts([false], undefined, "b"))));
});

test("one that is gone between two questions does not live", async () => {
  assert.ok(!(await isAlive(IDENTITY, facts([true, false], undefined, "b"))));
});

test("where the system does not tell, one that answers lives", async () => {
  assert.ok(await isAlive({ pid: 7 }, facts([true, true])));
  assert.ok(await isAlive(IDENTITY, facts([true, true], undefined, "b")));
});

test("this process lives", async () => {
  assert.ok(await systemProcesses.isAlive(await identityOf(process.pid)));
});
