// Committed offsets of a group, kept by the group's coordinator. They are advisory (a checkpoint decides
// where a worker goes on), are shown by every Kafka tool as lag, and never move backwards.
import type { BrokerConnections } from "./broker-connections.ts";
import type { ClusterMap } from "./cluster-map.ts";
import { asUnavailable, typeOf } from "./kafka-errors.ts";
import type { KafkaSettings } from "./kafka-options.ts";
import { backoffMs } from "./time-limit.ts";
import type { BrokerAddress } from "./wire/metadata-request.ts";

const GROUP = 0;
/** Commits of a group that has no members at the coordinator. */
const NO_GENERATION = -1;
/** By kafkajs's names: it calls COORDINATOR_LOAD_IN_PROGRESS after the group. */
const NOT_READY =
  /COORDINATOR|GROUP_LOAD_IN_PROGRESS|LEADER_NOT_AVAILABLE|UNKNOWN_TOPIC_OR_PARTITION|REBALANCE/;

export class GroupOffsets {
  private readonly connections: BrokerConnections;
  private readonly map: ClusterMap;
  private readonly settings: KafkaSettings;
  private readonly coordinators = new Map<string, BrokerAddress>();
  /** By group, topic and partition: the highest this process committed or saw. */
  private readonly highest = new Map<string, number>();
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(connections: BrokerConnections, map: ClusterMap, settings: KafkaSettings) {
    this.connections = connections;
    this.map = map;
    this.settings = settings;
  }

  async committed(
    topic: string,
    group: string,
    partitions: readonly number[],
  ): Promise<Map<number, number>> {
    const answer = await this.withCoordinator(group, (to, leftMs) =>
      this.connections.call(to, "ask", leftMs, (broker) =>
        broker.offsetFetch({
          groupId: group,
          topics: [{ topic, partitions: partitions.map((partition) => ({ partition })) }],
        }),
      ),
    );
    const found = new Map<number, number>();
    for (const { partition, offset } of answer.responses.flatMap((r) => r.partitions)) {
      if (Number(offset) >= 0) found.set(partition, Number(offset));
    }
    return found;
  }

  commit(topic: string, group: string, partition: number, offset: number): Promise<void> {
    const key = JSON.stringify([group, topic, partition]);
    // One at a time, so that the look before the write still holds when it is written.
    const turn = (this.turns.get(key) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.commitNow(key, topic, group, partition, offset));
    this.turns.set(key, turn);
    return turn.finally(() => {
      if (this.turns.get(key) === turn) this.turns.delete(key);
    });
  }

  private async commitNow(
    key: string,
    topic: string,
    group: string,
    partition: number,
    offset: number,
  ): Promise<void> {
    if (!this.highest.has(key)) {
      const found = (await this.committed(topic, group, [partition])).get(partition);
      if (found !== undefined) this.highest.set(key, found);
    }
    if (offset <= (this.highest.get(key) ?? -1)) return;
    await this.withCoordinator(group, (to, leftMs) =>
      this.connections.call(to, "ask", leftMs, (broker) =>
        broker.offsetCommit({
          groupId: group,
          groupGenerationId: NO_GENERATION,
          memberId: "",
          topics: [{ topic, partitions: [{ partition, offset: `${offset}` }] }],
        }),
      ),
    );
    this.highest.set(key, offset);
  }

  private async withCoordinator<T>(
    group: string,
    work: (to: BrokerAddress, leftMs: number) => Promise<T>,
  ): Promise<T> {
    const untilMs = performance.now() + this.settings.callTimeoutMs;
    for (let attempt = 0; ; attempt++) {
      const leftMs = () => Math.max(1, untilMs - performance.now());
      try {
        const to = this.coordinators.get(group) ?? (await this.find(group, leftMs()));
        return await work(to, leftMs());
      } catch (cause) {
        this.coordinators.delete(group);
        const notReady = typeOf(cause) === undefined || NOT_READY.test(typeOf(cause) ?? "");
        const waitMs = backoffMs(attempt);
        if (!notReady || performance.now() + waitMs >= untilMs) {
          throw asUnavailable(cause, `coordinator of group ${group}`);
        }
        await this.settings.clock.sleep(waitMs);
      }
    }
  }

  private async find(group: string, limitMs: number): Promise<BrokerAddress> {
    const found = await findCoordinator(this.connections, this.map, group, limitMs);
    this.coordinators.set(group, found);
    return found;
  }
}

export async function findCoordinator(
  connections: BrokerConnections,
  map: ClusterMap,
  group: string,
  limitMs: number,
): Promise<BrokerAddress> {
  const any = await map.anyBroker();
  try {
    const { coordinator } = await connections.call(any, "ask", limitMs, (broker) =>
      broker.findGroupCoordinator({ groupId: group, coordinatorType: GROUP }),
    );
    return { nodeId: coordinator.nodeId, host: coordinator.host, port: coordinator.port };
  } catch (error) {
    if (typeOf(error) === undefined) map.noteFailure(any);
    throw error;
  }
}
