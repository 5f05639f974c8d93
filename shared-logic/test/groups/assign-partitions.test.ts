// Assigning partitions: complete, balanced, stable, and safe against two who claim the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assignPartitions, below, type GroupClaim, seededRandom } from "../../src/index.ts";

/** Rounds until nothing is withheld, as members would go through them. */
function settle(partitions: number, claims: readonly GroupClaim[]) {
  let held = claims;
  for (let round = 1; ; round++) {
    assert.ok(round <= 3, "more than two hand-overs");
    const { byMember, withheld } = assignPartitions(partitions, held);
    const all = [...byMember.values()].flat().concat(withheld);
    assert.deepEqual(
      all.sort((a, b) => a - b),
      Array.from({ length: claims.length === 0 ? 0 : partitions }, (_, p) => p),
    );
    if (withheld.length === 0) return byMember;
    held = held.map((c) => ({ ...c, held: byMember.get(c.member) ?? [], round }));
  }
}

test("every partition has one member, counts differ by one, and few move", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = seededRandom(seed);
    const partitions = below(random, 40);
    const members = Array.from({ length: 1 + below(random, 8) }, (_, i) => `m${i}`);
    const held = new Map(members.map((m) => [m, [] as number[]]));
    for (let p = 0; p < partitions; p++) {
      if (below(random, 4) > 0) held.get(members[below(random, members.length)] ?? "")?.push(p);
    }
    const claims = members.map((member) => ({ member, held: held.get(member) ?? [], round: 0 }));
    const settled = settle(partitions, claims);
    const counts = [...settled.values()].map((own) => own.length);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `seed ${seed}: ${counts}`);
    // Nobody gives up more than it has above its share.
    for (const { member, held: before } of claims) {
      const kept = before.filter((p) => settled.get(member)?.includes(p)).length;
      assert.equal(kept, Math.min(before.length, settled.get(member)?.length ?? 0), `seed ${seed}`);
    }
    const shuffled = [...claims].sort(() => below(random, 3) - 1);
    assert.deepEqual(
      assignPartitions(partitions, shuffled).byMember.get("m0"),
      assignPartitions(partitions, claims).byMember.get("m0"),
    );
  }
});

test("of two who claim a partition the later round has it, and it is not withheld", () => {
  const claims = [
    { member: "thawed", held: [0, 1], round: 3 },
    { member: "heir", held: [0, 1], round: 5 },
  ];
  const { byMember, withheld } = assignPartitions(2, claims);
  assert.deepEqual(byMember.get("heir"), [0]);
  assert.deepEqual([byMember.get("thawed"), withheld], [[], [1]]);
});

test("claims to partitions that are not there, and no members at all", () => {
  const { byMember } = assignPartitions(2, [{ member: "a", held: [7, 1, 1, -1], round: 0 }]);
  assert.deepEqual(byMember.get("a"), [0, 1]);
  assert.deepEqual(assignPartitions(3, []), { byMember: new Map(), withheld: [] });
});
