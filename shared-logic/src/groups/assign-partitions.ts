// Which member of a group reads which partition: balanced, and with as few moves as the balance allows.
// A partition that must move is given to nobody at first; its holder revokes it and the group is asked
// again (incremental cooperative rebalancing, KIP-429).

export interface GroupClaim {
  readonly member: string;
  /** What it holds now. */
  readonly held: readonly number[];
  /** Since which round; where two claim a partition, the later one has it (KIP-792). */
  readonly round: number;
}

export interface GroupAssignment {
  readonly byMember: ReadonlyMap<string, readonly number[]>;
  /** Nobody has these until their holders have let go. */
  readonly withheld: readonly number[];
}

/** Pure: every member comes to the same answer from the same claims, in whatever order. */
export function assignPartitions(
  partitions: number,
  claims: readonly GroupClaim[],
): GroupAssignment {
  const members = holdersOf(partitions, claims);
  // Who holds most is the first to keep one more than the others.
  members.sort((a, b) => b.held.length - a.held.length || (a.member < b.member ? -1 : 1));
  const least = members.length === 0 ? 0 : Math.floor(partitions / members.length);
  const oneMore = members.length === 0 ? 0 : partitions % members.length;
  const withheld: number[] = [];
  const taken = new Set<number>();
  const kept = members.map(({ member, held }, i) => {
    const room = least + (i < oneMore ? 1 : 0);
    const keeps = held.slice(0, room);
    withheld.push(...held.slice(room));
    for (const p of held) taken.add(p);
    return { member, room, keeps };
  });
  const free = Array.from({ length: partitions }, (_, p) => p).filter((p) => !taken.has(p));
  for (const { room, keeps } of kept) keeps.push(...free.splice(0, room - keeps.length));
  return {
    byMember: new Map(kept.map(({ member, keeps }) => [member, keeps.sort((a, b) => a - b)])),
    withheld: withheld.sort((a, b) => a - b),
  };
}

/** Each partition with the one member whose claim to it counts. */
function holdersOf(partitions: number, claims: readonly GroupClaim[]) {
  const holder = new Map<number, GroupClaim>();
  for (const claim of claims) {
    for (const p of claim.held) {
      const other = holder.get(p);
      const wins =
        other === undefined ||
        claim.round > other.round ||
        (claim.round === other.round && claim.member < other.member);
      if (p >= 0 && p < partitions && wins) holder.set(p, claim);
    }
  }
  return claims.map(({ member, held }) => ({
    member,
    held: [...new Set(held)].filter((p) => holder.get(p)?.member === member).sort((a, b) => a - b),
  }));
}
