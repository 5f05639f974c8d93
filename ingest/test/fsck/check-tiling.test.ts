// Tiling as a function of a listing: whatever is taken out of, put into or changed in a manifest is named, and
// the stretches to be archived again with the entries that count tile from genesis to the end.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  archiveKey,
  below,
  type ManifestEntry,
  manifestKey,
  type Random,
  seededRandom,
} from "@tandem/shared-logic";
import { checkTiling } from "../../src/fsck/check-tiling.ts";
import type { ListedEntry, Listing } from "../../src/fsck/read-listing.ts";

const GENESIS = 5;

function entryAt(from: number, to: number): ManifestEntry {
  return {
    dataset: "d",
    partition: 3,
    from,
    to,
    object: archiveKey("d", 3, from, to, "parquet"),
    sizeBytes: 1,
    sha256: "0".repeat(64),
    events: 0,
    cuts: 0,
    dead: 0,
    days: {},
    sentDays: {},
    receivedMs: null,
    seq: 0,
  };
}

function listingOf(random: Random): Listing {
  const entries: ListedEntry[] = [];
  let from = GENESIS;
  for (let n = 3 + below(random, 10); n > 0; n--) {
    const entry = entryAt(from, from + 1 + below(random, 9));
    entries.push({ key: manifestKey(entry), entry });
    from = entry.to;
  }
  const objects = entries.flatMap(({ entry }) =>
    entry ? [{ key: entry.object, sizeBytes: 1 }] : [],
  );
  return { dataset: "d", partition: 3, entries, objects };
}

const log = { start: GENESIS, end: 1000 };

test("a manifest that tiles has no findings", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const listing = listingOf(seededRandom(seed));
    const { findings, stretches, entries } = checkTiling(listing, GENESIS, log);
    assert.deepEqual([findings, stretches, entries.length], [[], [], listing.entries.length]);
  }
});

test("whatever is done to it is named, and what counts and what is to be done again tile", () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const random = seededRandom(seed);
    const whole = listingOf(random);
    const end = whole.entries.at(-1)?.entry?.to ?? GENESIS;
    const listed = [...whole.entries];
    for (let n = 1 + below(random, 3); n > 0; n--) {
      const at = below(random, listed.length);
      const { key, entry } = listed[at] ?? { key: "", entry: undefined };
      const how = below(random, 3);
      // The last one gone leaves a shorter archive, which tiles.
      if (how === 0 && at < listed.length - 1) listed.splice(at, 1);
      else if (how === 1) listed[at] = { key, entry: undefined };
      else if (entry)
        listed[at] = { key, entry: { ...entry, to: entry.to + 1 + below(random, 3) } };
    }
    if (JSON.stringify(listed) === JSON.stringify(whole.entries)) continue;
    const { findings, stretches, entries } = checkTiling(
      { ...whole, entries: listed },
      GENESIS,
      log,
    );
    assert.ok(
      findings.some((f) => f.kind !== "object_unlisted"),
      `seed ${seed}`,
    );
    const ranges = [...entries, ...stretches.map((s) => ({ from: s.from, to: s.to ?? s.from }))];
    let next = GENESIS;
    for (const { from, to } of ranges.sort((a, b) => a.from - b.from || a.to - b.to)) {
      assert.equal(from, next, `seed ${seed}`);
      next = to;
    }
    assert.equal(next, end, `seed ${seed}`);
  }
});

test("an overlap, an unlisted object, and one that is being written", () => {
  const listing = listingOf(seededRandom(7));
  const end = listing.entries.at(-1)?.entry?.to ?? 0;
  const twice = entryAt(GENESIS + 1, GENESIS + 2);
  const first = entryAt(GENESIS, GENESIS + 4);
  const rest = entryAt(GENESIS + 4, end);
  const entries = [first, twice, rest].map((entry) => ({ key: manifestKey(entry), entry }));
  const { findings } = checkTiling({ ...listing, entries, objects: [] }, GENESIS, log);
  assert.deepEqual(
    findings.map((f) => [f.kind, f.from, f.to]),
    [["range_twice", 6, 7]],
  );
  const stray = { key: archiveKey("d", 3, GENESIS, GENESIS + 99, "parquet"), sizeBytes: 9 };
  const fresh = { key: archiveKey("d", 3, end, end + 5, "parquet"), sizeBytes: 9 };
  const more = { ...listing, objects: [...listing.objects, stray, fresh] };
  const unlisted = checkTiling(more, GENESIS, log).findings;
  assert.deepEqual(
    unlisted.map((f) => [f.kind, f.at]),
    [["object_unlisted", stray.key]],
  );
});

test("what the log gave up before it was archived is a stretch of its own", () => {
  const listing = listingOf(seededRandom(8));
  const end = listing.entries.at(-1)?.entry?.to ?? 0;
  const { findings, stretches } = checkTiling(listing, GENESIS, { start: end + 7, end: end + 9 });
  assert.deepEqual(
    findings.map((f) => [f.kind, f.from, f.to]),
    [["range_not_archived", end, end + 7]],
  );
  assert.deepEqual(stretches, [{ from: end, to: end + 7, keys: [] }]);
});
