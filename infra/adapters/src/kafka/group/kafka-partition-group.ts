// PartitionGroup over Kafka's consumer group protocol. The group of the members has a name of its own,
// because a group with members takes commits from them alone, and offsets are committed as advice.
import {
  type GroupMember,
  type Membership,
  type PartitionGroup,
  TandemError,
} from "@tandem/shared-logic";
import { BrokerConnections } from "../broker-connections.ts";
import { ClusterMap, noTopic } from "../cluster-map.ts";
import { type KafkaOptions, type KafkaSettings, kafkaSettings } from "../kafka-options.ts";
import { Coordinator, type GroupTimes } from "./coordinator.ts";
import { KafkaMembership } from "./kafka-membership.ts";

export interface KafkaGroupOptions extends KafkaOptions {
  /** A member silent for this long is expelled; 10,000 unless given, and no less than the brokers'
   * group.min.session.timeout.ms (6,000 by default). */
  readonly sessionMs?: number;
  /** Between beats; 1000 unless given. A rebalance begins this late at most. */
  readonly heartbeatMs?: number;
  /** For all members to hand over and join a round; 30,000 unless given. */
  readonly rebalanceMs?: number;
}

export class KafkaPartitionGroup implements PartitionGroup {
  private readonly settings: KafkaSettings;
  private readonly times: GroupTimes;
  private readonly heartbeatMs: number;
  private readonly connections: BrokerConnections;
  private readonly map: ClusterMap;
  private readonly memberships = new Set<KafkaMembership>();
  private joins = 0;
  private closed = false;

  constructor(options: KafkaGroupOptions) {
    const { sessionMs = 10_000, heartbeatMs = 1000, rebalanceMs = 30_000, ...kafka } = options;
    this.settings = kafkaSettings(kafka);
    this.times = { sessionMs, rebalanceMs, callMs: Math.min(sessionMs / 2, 3000) };
    this.heartbeatMs = heartbeatMs;
    this.connections = new BrokerConnections(this.settings);
    this.map = new ClusterMap(this.connections, this.settings);
  }

  async join(dataset: string, group: string, member: GroupMember): Promise<Membership> {
    this.mustBeOpen();
    if ((await this.map.leaders(dataset)).length === 0) throw noTopic(dataset);
    this.mustBeOpen();
    const { connections, map, settings, times } = this;
    const name = `${group}.${dataset}.members`;
    // Lanes are by group; two members of one process must not share them.
    const coordinator = new Coordinator(connections, map, dataset, name, times, `${this.joins++}`);
    const membership = new KafkaMembership(coordinator, member, settings.clock, this.heartbeatMs);
    this.memberships.add(membership);
    membership.ended.catch(() => undefined).finally(() => this.memberships.delete(membership));
    await membership.joined;
    return membership;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.memberships].map((membership) => membership.leave()));
    this.connections.close();
  }

  private mustBeOpen(): void {
    if (this.closed) throw new TandemError("log_unavailable", { message: "The group is closed." });
  }
}
