// A short slice of the real drill, on servers of its own: one fault of a process and one of a server,
// which ones and in which order by the seed. TANDEM_SEED repeats a run; `make drill` plays all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, seededRandom } from "@tandem/shared-logic";
import { chosenFaults, playSeed } from "../drill/real.ts";

const PROCESSES = ["kill-collect", "kill-speed", "kill-archive", "kill-batch", "kill-serve"];
/** Cassandra is frozen, not killed: how long it takes to start is the machine's. */
const SERVERS = [
  "kill-kafka",
  "kill-redis",
  "kill-s3",
  "empty-redis",
  "freeze-kafka",
  "freeze-cassandra",
];
const SHARE = 0.3;

const seed = Number(process.env["TANDEM_SEED"] ?? 1);
const random = seededRandom(seed);
const one = (names: readonly string[]): string => names[below(random, names.length)] ?? "";
const names = [one(PROCESSES), one(SERVERS)];

test(`${names.join(", ")} (seed ${seed})`, { timeout: 420_000 }, async (t) => {
  const played = await playSeed(seed, chosenFaults(names), (line) => t.diagnostic(line), SHARE);
  assert.deepEqual(
    played.flatMap((p) => p.violations.map((what) => `${p.fault}: ${what}`)),
    [],
  );
  assert.equal(played.length, names.length);
  assert.ok(played.every((p) => p.values > 0));
});
