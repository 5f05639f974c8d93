// 1 of 200 archive objects deleted, flipped, truncated, or swapped with another: found every time, nothing is
// published over it, the last good run stays; what the log still has is put back byte for byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, isDamage, seededRandom, TandemError } from "@tandem/shared-logic";
import { fsckExit } from "../../src/commands/fsck.ts";
import { dayNamed } from "../stories/stage.ts";
import {
  bytesOf,
  DAMAGES,
  DAYS,
  damage,
  entriesOf,
  eventsOf,
  fsck,
  sealedStage,
  shown,
} from "./fsck-stage.ts";

const SEEDS = Number(process.env["FSCK_SEEDS"] ?? 2);
const CASES = 3;

const refusal = (error: unknown): boolean =>
  error instanceof TandemError && ["object_missing", "object_damaged"].includes(error.code);

test("one of 200 objects is damaged: found, refused, put back", async () => {
  let found = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const stage = await sealedStage(random);
    const entries = await entriesOf(stage);
    assert.ok(entries.length >= 200, `seed ${seed}: ${entries.length} objects`);
    const whole = await fsck(stage);
    assert.deepEqual([whole.findings, whole.left, fsckExit(whole)], [[], [], 0]);
    assert.deepEqual([whole.checked.objects, whole.checked.runs], [entries.length, 9]);
    let late = 0;
    for (const kind of DAMAGES) {
      for (let i = 0; i < CASES; i++) {
        const where = `seed ${seed}, ${kind}, case ${i}`;
        const at = below(random, entries.length);
        const [entry, other] = [
          entries[at],
          entries[(at + 1 + below(random, 50)) % entries.length],
        ];
        assert.ok(entry && other);
        const before = new Map<string, Uint8Array>();
        for (const e of [entry, other]) before.set(e.object, await bytesOf(stage, e.object));
        const keys = await damage(stage, random, kind, entry, other);
        const day = DAYS.find((d) => entry.days[dayNamed(d)]);

        // Something late wants the day computed again.
        const ledgers = await Promise.all(DAYS.map((d) => stage.ledger(d)));
        const answers = await shown(stage, "batch");
        if (day) {
          await stage.send(...eventsOf(random, day, 1, `late${late++}`));
          await assert.rejects(() => stage.seal(), refusal, where);
          assert.deepEqual(await Promise.all(DAYS.map((d) => stage.ledger(d))), ledgers, where);
          assert.deepEqual(await shown(stage, "batch"), answers, where);
        }

        const report = await fsck(stage);
        const named = report.findings.filter(isDamage);
        assert.deepEqual(named.map((f) => f.at).sort(), keys, where);
        assert.deepEqual(
          new Set(named.map((f) => f.kind)),
          new Set([kind === "deleted" ? "object_missing" : "object_damaged"]),
          where,
        );
        if (kind === "swapped")
          for (const f of named) assert.match(f.says, /it holds the bytes of archive\//);
        if (kind === "truncated") assert.match(named[0]?.says ?? "", /cut short/);
        assert.equal(fsckExit(report), 4, where);
        found++;

        const repaired = await fsck(stage, true);
        assert.deepEqual([repaired.left, fsckExit(repaired)], [[], 0], where);
        for (const [key, bytes] of before)
          assert.deepEqual(await bytesOf(stage, key), bytes, where);
        assert.deepEqual((await fsck(stage)).findings, [], where);
        await stage.seal();
        await stage.fold();
        if (!day) continue;
        const [now] = (await stage.day("seen", day, { layer: "batch" })).points;
        const [was] = answers[DAYS.indexOf(day)]?.points ?? [];
        assert.equal(now?.value, Number(was?.value) + 1, where);
      }
    }
  }
  assert.equal(found, SEEDS * DAMAGES.length * CASES);
});
