// The exchanges of one member with its group's coordinator. Errors are sorted by what they ask for: join
// another round, begin anew as somebody unknown, look for the coordinator again, or give up.
import { assignPartitions, TandemError } from "@tandem/shared-logic";
import type { BrokerConnections } from "../broker-connections.ts";
import type { ClusterMap } from "../cluster-map.ts";
import { findCoordinator } from "../group-offsets.ts";
import { asUnavailable, typeOf } from "../kafka-errors.ts";
import type { BrokerAddress } from "../wire/metadata-request.ts";
import { PROTOCOL, readAssigned, readClaim, writeAssigned, writeClaim } from "./group-wire.ts";

export interface GroupTimes {
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly callMs: number;
}

export interface Round {
  readonly memberId: string;
  readonly generation: number;
  readonly assigned: readonly number[];
}

export type Trouble = "rebalance" | "expelled" | "coordinator" | "refused";

const EXPELLED = /UNKNOWN_MEMBER_ID|ILLEGAL_GENERATION|FENCED_INSTANCE_ID/;
const REFUSED =
  /AUTHORIZATION|AUTHENTICATION|INCONSISTENT_GROUP_PROTOCOL|INVALID_SESSION_TIMEOUT|GROUP_MAX_SIZE/;

export function troubleOf(error: unknown): Trouble {
  const type = typeOf(error) ?? "";
  if (type === "REBALANCE_IN_PROGRESS") return "rebalance";
  if (EXPELLED.test(type)) return "expelled";
  if (REFUSED.test(type) || type === "INVALID_GROUP_ID") return "refused";
  return error instanceof TandemError && !error.retryable ? "refused" : "coordinator";
}

/** A broker holds a join back until the others came; it gets this much longer before it is silent. */
const GRACE_MS = 5000;

export class Coordinator {
  private readonly connections: BrokerConnections;
  private readonly map: ClusterMap;
  private readonly topic: string;
  private readonly group: string;
  private readonly times: GroupTimes;
  private readonly lane: string;
  private at: BrokerAddress | undefined;

  constructor(
    connections: BrokerConnections,
    map: ClusterMap,
    topic: string,
    group: string,
    times: GroupTimes,
    /** Names the member's own connections. */
    lane: string,
  ) {
    this.connections = connections;
    this.map = map;
    this.topic = topic;
    this.group = group;
    this.times = times;
    this.lane = lane;
  }

  /** Where it is has to be asked again. */
  forget(): void {
    this.at = undefined;
  }

  /** Joins and waits for the others; the round's leader assigns. */
  async round(memberId: string, claimRound: number, held: readonly number[]): Promise<Round> {
    const to = await this.find();
    const { group: groupId, topic, times } = this;
    const lane = `join ${this.lane}`;
    const joined = await this.connections.call(to, lane, times.rebalanceMs + GRACE_MS, (broker) =>
      broker.joinGroup({
        groupId,
        sessionTimeout: times.sessionMs,
        rebalanceTimeout: times.rebalanceMs,
        memberId,
        groupProtocols: [{ name: PROTOCOL, metadata: writeClaim(topic, claimRound, held) }],
      }),
    );
    const { generationId: generation, memberId: own } = joined;
    const groupAssignment = joined.leaderId === own ? await this.assign(joined.members) : [];
    const synced = await this.connections.call(to, lane, times.rebalanceMs + GRACE_MS, (broker) =>
      broker.syncGroup({ groupId, generationId: generation, memberId: own, groupAssignment }),
    );
    return { memberId: own, generation, assigned: readAssigned(synced.memberAssignment) };
  }

  async heartbeat(memberId: string, generation: number): Promise<void> {
    const to = await this.find();
    await this.connections.call(to, `beat ${this.lane}`, this.times.callMs, (broker) =>
      broker.heartbeat({ groupId: this.group, groupGenerationId: generation, memberId }),
    );
  }

  async leave(memberId: string): Promise<void> {
    const to = await this.find();
    await this.connections.call(to, `beat ${this.lane}`, this.times.callMs, (broker) =>
      broker.leaveGroup({ groupId: this.group, memberId }),
    );
  }

  /** The error as the port's, for the one who joined. */
  asPortError(error: unknown): Error {
    const type = typeOf(error);
    if (troubleOf(error) !== "refused" || error instanceof TandemError) {
      return asUnavailable(error, `group ${this.group}`);
    }
    return new TandemError("configuration", {
      message: `Group ${this.group} cannot be joined: ${type}. Members of another program in the group, a session of ${this.times.sessionMs} ms outside of the brokers' group.min/max.session.timeout.ms, or no right to Read it.`,
      details: { group: this.group, kafka: type },
      cause: error,
    });
  }

  private async assign(
    members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[],
  ) {
    const count = (await this.map.leaders(this.topic)).length;
    const claims = members.map((m) => readClaim(m.memberId, m.memberMetadata));
    return [...assignPartitions(count, claims).byMember].map(([memberId, partitions]) => ({
      memberId,
      memberAssignment: writeAssigned(this.topic, partitions),
    }));
  }

  private async find(): Promise<BrokerAddress> {
    this.at ??= await findCoordinator(this.connections, this.map, this.group, this.times.callMs);
    return this.at;
  }
}
