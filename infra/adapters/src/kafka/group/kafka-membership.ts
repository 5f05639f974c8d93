// One member of a group: joins rounds, revokes before it hands over, keeps what stays, beats all the
// while, and begins anew when it was expelled (a process frozen past its session learns it from its
// first heartbeat after the thaw).
import type { Clock, GroupMember, Membership, Revocation } from "@tandem/shared-logic";
import { backoffMs } from "../time-limit.ts";
import { type Coordinator, type Trouble, troubleOf } from "./coordinator.ts";
import { Heart } from "./heart.ts";

/** What a callback threw, told apart from what the coordinator said. */
class CallbackThrew extends Error {}

const NOBODY = { memberId: "", generation: -1 };

export class KafkaMembership implements Membership {
  readonly ended: Promise<void>;
  /** Resolves with the first assignment; rejects where there will be none. */
  readonly joined: Promise<void>;
  private readonly coordinator: Coordinator;
  private readonly member: GroupMember;
  private readonly clock: Clock;
  private readonly heartbeatMs: number;
  private readonly held = new Set<number>();
  private readonly leaving = new AbortController();
  private identity: { readonly memberId: string; readonly generation: number } = NOBODY;
  private heart: Heart | undefined;

  constructor(coordinator: Coordinator, member: GroupMember, clock: Clock, heartbeatMs: number) {
    this.coordinator = coordinator;
    this.member = member;
    this.clock = clock;
    this.heartbeatMs = heartbeatMs;
    const first = Promise.withResolvers<void>();
    this.joined = first.promise;
    this.joined.catch(() => undefined);
    this.ended = this.run(first.resolve);
    this.ended.then(first.resolve, first.reject);
  }

  async leave(): Promise<void> {
    this.leaving.abort();
    this.heart?.stop();
    await this.ended.catch(() => undefined);
  }

  private async run(firstIsAssigned: () => void): Promise<void> {
    try {
      for (let failures = 0; !this.leaving.signal.aborted; ) {
        const trouble = await this.round(firstIsAssigned).catch(troubleOrThrow);
        if (trouble instanceof Error) throw this.coordinator.asPortError(trouble);
        if (trouble === "expelled") await this.beginAnew();
        failures = trouble === "coordinator" ? failures + 1 : 0;
        if (failures === 0) continue;
        this.coordinator.forget();
        await this.clock.sleep(backoffMs(failures), this.leaving.signal).catch(() => undefined);
      }
      await this.tell("onRevoked", [...this.held], "moved");
    } catch (error) {
      throw error instanceof CallbackThrew ? error.cause : error;
    } finally {
      const { memberId } = this.identity;
      if (memberId !== "") await this.coordinator.leave(memberId).catch(() => undefined);
    }
  }

  /** Joins, tells the member, then works until another round is due; why it is. */
  private async round(firstIsAssigned: () => void): Promise<Trouble> {
    const { memberId, generation } = this.identity;
    const round = await this.coordinator.round(memberId, generation, [...this.held]);
    this.identity = round;
    const beats = {
      coordinator: this.coordinator,
      clock: this.clock,
      heartbeatMs: this.heartbeatMs,
    };
    const heart = new Heart(beats, round.memberId, round.generation);
    this.heart = heart;
    try {
      const moved = [...this.held].filter((p) => !round.assigned.includes(p));
      await this.tell("onRevoked", moved, "moved");
      const gone = () => heart.trouble === "expelled" || this.leaving.signal.aborted;
      const added = round.assigned.filter((p) => !this.held.has(p));
      if (!gone()) await this.tell("onAssigned", added);
      firstIsAssigned();
      // The others wait for what was revoked.
      if (moved.length > 0 && !gone()) return "rebalance";
      if (!this.leaving.signal.aborted) await heart.troubled;
      return heart.trouble ?? "rebalance";
    } finally {
      heart.stop();
    }
  }

  private async beginAnew(): Promise<void> {
    this.identity = NOBODY;
    await this.tell("onRevoked", [...this.held], "lost");
  }

  private async tell(
    callback: "onAssigned" | "onRevoked",
    partitions: readonly number[],
    reason: Revocation = "moved",
  ): Promise<void> {
    if (partitions.length === 0) return;
    try {
      if (callback === "onAssigned") {
        for (const p of partitions) this.held.add(p);
        await this.member.onAssigned(partitions);
      } else {
        await this.member.onRevoked(partitions, reason);
        for (const p of partitions) this.held.delete(p);
      }
    } catch (cause) {
      throw new CallbackThrew("a callback threw", { cause });
    }
  }
}

function troubleOrThrow(error: unknown): Trouble | Error {
  if (error instanceof CallbackThrew) throw error;
  if (error instanceof TypeError || error instanceof RangeError) throw error;
  const trouble = troubleOf(error);
  if (trouble !== "refused") return trouble;
  return error instanceof Error ? error : new TypeError(String(error));
}
