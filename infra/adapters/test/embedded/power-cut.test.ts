// More than a thousand power cuts of the embedded log, objects and checkpoints: what was accepted or
// read is there with equal bytes, no offset is used twice, nothing torn is readable, checkpoints are
// whole, old or new, and objects whole. Then: mistakes planted under them are found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, type Random } from "@tandem/shared-logic";
import type { FileLayer } from "../../src/embedded/files/file-layer.ts";
import { type Around, interceptedFiles } from "../../src/embedded/files/intercepted-files.ts";
import { liveAndDie } from "./crash-workload.ts";

const FIRST_SEED = Number(process.env["TANDEM_SEED"] ?? 1);
const SEEDS = 180;

test("every promise outlives every power cut", async (t) => {
  let images = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    try {
      images += (await liveAndDie(seed)).images;
    } catch (error) {
      throw new Error(`seed ${seed} (TANDEM_SEED=${seed} repeats it)`, { cause: error });
    }
  }
  t.diagnostic(`${images} images from seeds ${FIRST_SEED} to ${FIRST_SEED + SEEDS - 1}`);
  assert.ok(images >= 1000, `${images} images`);
});

type Cheats = (operation: string, path: string, random: Random) => boolean;

/** Operations that `cheats` picks do not happen and say they did. */
const lying =
  (cheats: Cheats) =>
  (files: FileLayer, random: Random): FileLayer => {
    const around: Around = async (operation, path, apply) => {
      const nothing =
        operation === "sync" || operation === "syncDirectory" || operation === "truncate";
      // Those three give nothing, so nothing is what a lie about them gives.
      if (nothing && cheats(operation, path, random))
        return undefined as Awaited<ReturnType<typeof apply>>;
      return apply();
    };
    return interceptedFiles(files, around);
  };

const MISTAKES: Readonly<Record<string, Cheats>> = {
  "records are accepted before their fsync": (op, path) => op === "sync" && path.endsWith(".log"),
  "one fsync in ten is left out": (op, path, random) =>
    op === "sync" && path.endsWith(".log") && below(random, 10) === 0,
  "a commit file is written over before its records are durable in the segments": (op, path) =>
    op === "sync" && /\d\/\d+\.log$/.test(path),
  "commits are not synced": (op, path) => op === "sync" && path.includes("/commit-"),
  "the commit files' names are not synced": (op, path) =>
    op === "syncDirectory" && path === "/data/log/events",
  "a new segment's name is not synced": (op, path) =>
    op === "syncDirectory" && path.startsWith("/data/log/events/"),
  "objects get their name before their bytes are synced": (op, path) =>
    op === "sync" && path.startsWith("/data/objects"),
  "an object's name is not synced": (op, path) =>
    op === "syncDirectory" && path.startsWith("/data/objects"),
  "checkpoints are renamed before they are synced": (op, path) =>
    op === "sync" && path.startsWith("/data/checkpoints"),
  "a checkpoint's name is not synced": (op, path) =>
    op === "syncDirectory" && path.startsWith("/data/checkpoints"),
};

for (const [mistake, cheats] of Object.entries(MISTAKES)) {
  test(`planted and found: ${mistake}`, async (t) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        await liveAndDie(seed, lying(cheats));
      } catch (error) {
        t.diagnostic(
          `seed ${seed}: ${error instanceof Error ? error.message.split("\n")[0] : error}`,
        );
        return;
      }
    }
    assert.fail(`${SEEDS} seeds do not find it`);
  });
}
