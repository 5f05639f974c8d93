// PartitionGroup within one process: one member has every partition, several share them. Nobody can be
// expelled, so nothing is ever `lost`.
import {
  assignPartitions,
  type GroupMember,
  getOrMake,
  type Membership,
  type PartitionGroup,
  TandemError,
} from "@tandem/shared-logic";

class LocalMember {
  readonly name: string;
  readonly callbacks: GroupMember;
  readonly held = new Set<number>();
  readonly end = Promise.withResolvers<void>();

  constructor(name: string, callbacks: GroupMember) {
    this.name = name;
    this.callbacks = callbacks;
    this.end.promise.catch(() => undefined);
  }
}

interface LocalGroup {
  readonly partitions: number;
  members: LocalMember[];
  /** Changes take turns, so that callbacks never overlap. */
  turn: Promise<void>;
}

export class LocalPartitionGroup implements PartitionGroup {
  private readonly partitionsOf: (dataset: string) => Promise<number>;
  private readonly groups = new Map<string, LocalGroup>();
  private joins = 0;
  private closed = false;

  /** `partitionsOf` is 0 where there is no such dataset, as an EventLog's `partitions`. */
  constructor(partitionsOf: (dataset: string) => Promise<number>) {
    this.partitionsOf = partitionsOf;
  }

  async join(dataset: string, group: string, member: GroupMember): Promise<Membership> {
    const partitions = await this.partitionsOf(dataset);
    if (this.closed || partitions === 0) {
      const message = this.closed ? "The group is closed." : `There is no dataset ${dataset}.`;
      throw new TandemError("log_unavailable", { message });
    }
    const key = JSON.stringify([dataset, group]);
    const fresh = () => ({ partitions, members: [], turn: Promise.resolve() });
    const own = getOrMake<string, LocalGroup>(this.groups, key, fresh);
    const joined = new LocalMember(`${this.joins++}`.padStart(9, "0"), member);
    own.members.push(joined);
    await inTurn(own, () => rebalance(own));
    return { leave: () => inTurn(own, () => leave(own, joined)), ended: joined.end.promise };
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const group of this.groups.values()) {
      for (const member of [...group.members]) await inTurn(group, () => leave(group, member));
    }
  }
}

function inTurn(group: LocalGroup, change: () => Promise<void>): Promise<void> {
  group.turn = group.turn.then(change);
  return group.turn;
}

async function leave(group: LocalGroup, member: LocalMember): Promise<void> {
  if (!group.members.includes(member)) return;
  await revoke(group, member, [...member.held]);
  group.members = group.members.filter((m) => m !== member);
  member.end.resolve();
  await rebalance(group);
}

/** First lets go of what moves, then hands out; again where a member fell out meanwhile. */
async function rebalance(group: LocalGroup): Promise<void> {
  const assigned = () =>
    assignPartitions(
      group.partitions,
      group.members.map(({ name, held }) => ({ member: name, held: [...held], round: 0 })),
    ).byMember;
  for (let settled = false; !settled; ) {
    const keeps = assigned();
    for (const member of [...group.members]) {
      const kept = keeps.get(member.name) ?? [];
      await revoke(
        group,
        member,
        [...member.held].filter((p) => !kept.includes(p)),
      );
    }
    const gets = assigned();
    const before = group.members.length;
    for (const member of [...group.members]) {
      const added = (gets.get(member.name) ?? []).filter((p) => !member.held.has(p));
      for (const p of added) member.held.add(p);
      if (added.length > 0) await tell(group, member, () => member.callbacks.onAssigned(added));
    }
    settled = group.members.length === before && assignedToAll(group);
  }
}

const assignedToAll = ({ members, partitions }: LocalGroup): boolean =>
  members.length === 0 || members.reduce((sum, m) => sum + m.held.size, 0) === partitions;

async function revoke(
  group: LocalGroup,
  member: LocalMember,
  partitions: readonly number[],
): Promise<void> {
  if (partitions.length === 0) return;
  await tell(group, member, () => member.callbacks.onRevoked(partitions, "moved"));
  for (const p of partitions) member.held.delete(p);
}

/** A callback that throws ends the membership. */
async function tell(group: LocalGroup, member: LocalMember, call: () => Promise<void>) {
  try {
    await call();
  } catch (error) {
    group.members = group.members.filter((m) => m !== member);
    member.end.reject(error);
  }
}
