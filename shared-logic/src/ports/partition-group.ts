// Several workers share the partitions of a dataset: who reads which, and how one hands over to another.
//
// 1. Once members stop coming and going, every partition is assigned to exactly one of them, and two
//    members differ by one partition at most.
// 2. A partition that moves is first revoked: its member's `onRevoked` is awaited before another's
//    `onAssigned` names it. A member that takes longer than the group's time limit counts as lost.
// 3. A member that was not heard of for the session's time is expelled and its partitions go to
//    others at once. As soon as it can know, it is told `lost` for all that it held, and joins again by
//    itself. Until then two members may hold one partition: both fold the same records to the same
//    bytes, so this changes no number.
// 4. Callbacks of one membership never overlap. `onAssigned` names partitions not held before,
//    `onRevoked` only such as were held.
// 5. A partition stays with its member unless the balance demands a move.
// 6. `leave` revokes what is held (`moved`), waits for it, and then gives it up to the others, who get
//    it without waiting for a session to end. After it no callback is called; leaving twice is fine.
// 7. `join` resolves with the first assignment, which may be empty. Where there is no such dataset it
//    throws `log_unavailable`.
// 8. A callback that throws ends the membership: `ended` rejects with it, and what was held is given up.

/** `moved`: hand over now. `lost`: others may have it already. */
export type Revocation = "moved" | "lost";

export interface GroupMember {
  onAssigned(partitions: readonly number[]): Promise<void>;
  onRevoked(partitions: readonly number[], reason: Revocation): Promise<void>;
}

export interface Membership {
  leave(): Promise<void>;
  /** Resolves after `leave`; rejects where a callback threw or the group cannot be joined any more. */
  readonly ended: Promise<void>;
}

export interface PartitionGroup {
  join(dataset: string, group: string, member: GroupMember): Promise<Membership>;
  /** Leaves every group that was joined here. */
  close(): Promise<void>;
}
