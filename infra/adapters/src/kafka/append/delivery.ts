// Brings the first batch of each of some partitions to their leaders: sends, reads each partition's own
// answer, follows a leader that moved, and renews the producer's identity where numbers went out of
// step. A batch that nobody waits for any more is given up.
import { TandemError } from "@tandem/shared-logic";
import type { BrokerConnections } from "../broker-connections.ts";
import { type ClusterMap, noTopic } from "../cluster-map.ts";
import { asUnavailable, CODE, errorOfCode, isFinal, NEEDS_NEW_IDENTITY } from "../kafka-errors.ts";
import type { KafkaSettings } from "../kafka-options.ts";
import { backoffMs } from "../time-limit.ts";
import type { BrokerAddress } from "../wire/metadata-request.ts";
import { type ProduceAnswer, produceRequest } from "../wire/produce-request.ts";
import type { Outcome, PartitionQueue, WaitingBatch } from "./partition-queue.ts";
import type { ProducerIdentities } from "./producer-identities.ts";

/** A batch on its way: the first of its queue until it is settled. */
interface Parcel {
  readonly queue: PartitionQueue;
  readonly batch: WaitingBatch;
}

type Finish = (queue: PartitionQueue) => void;

export class Delivery {
  private readonly connections: BrokerConnections;
  private readonly map: ClusterMap;
  private readonly identities: ProducerIdentities;
  private readonly settings: KafkaSettings;

  constructor(
    connections: BrokerConnections,
    map: ClusterMap,
    identities: ProducerIdentities,
    settings: KafkaSettings,
  ) {
    this.connections = connections;
    this.map = map;
    this.identities = identities;
    this.settings = settings;
  }

  /** Calls `finish` for each queue once its first batch is settled; never rejects. */
  async deliver(queues: readonly PartitionQueue[], finish: Finish): Promise<void> {
    const parcels = queues.map((queue) => ({ queue, batch: queue.first }));
    try {
      for (const { batch } of parcels) await batch.seal(this.settings.compression);
      await this.bring(parcels, finish, 0);
    } catch (error) {
      // A bug; the callers must hear of it all the same.
      for (const parcel of unsettled(parcels)) settle(parcel, failed(error), finish);
    }
  }

  private async bring(parcels: readonly Parcel[], finish: Finish, attempt: number): Promise<void> {
    const leader = ({ queue }: Parcel) => this.map.known(queue.topic)?.[queue.partition] ?? -1;
    const bringTo = async ([nodeId, own]: [number, Parcel[]]) => {
      const to = this.map.address(nodeId);
      if (to !== undefined) await this.sendTo(to, own, finish);
      for (const parcel of unsettled(own)) this.giveUpIfLate(parcel, finish);
      if (unsettled(own).length === 0) return;
      await this.settings.clock.sleep(backoffMs(attempt));
      await this.findLeaders(unsettled(own), finish);
      await this.bring(unsettled(own), finish, attempt + 1);
    };
    await Promise.all([...Map.groupBy(parcels, leader)].map(bringTo));
  }

  /** Settles those whose answer is final. */
  private async sendTo(to: BrokerAddress, parcels: readonly Parcel[], finish: Finish) {
    const untilMs = Math.max(...parcels.map(({ batch }) => batch.expiresAtMs));
    const leftMs = () => Math.max(1, Math.ceil(untilMs - performance.now()));
    try {
      const identity = await this.identities.get(leftMs());
      const batches = parcels.map(({ queue, batch }) => ({
        topic: queue.topic,
        partition: queue.partition,
        bytes: queue.signed(batch, identity),
      }));
      for (const { batch } of parcels) batch.sent = true;
      const request = produceRequest(batches, leftMs());
      const answers = await this.connections.send(to, "produce", leftMs(), request);
      for (const parcel of parcels) this.take(parcel, answers, finish);
    } catch (cause) {
      const error = asUnavailable(cause, this.connections.describe());
      const final = !(error instanceof TandemError) || error.code === "configuration";
      if (!final) this.map.noteFailure(to);
      else for (const parcel of unsettled(parcels)) this.fail(parcel, error, finish);
    }
  }

  private take(parcel: Parcel, answers: readonly ProduceAnswer[], finish: Finish): void {
    const { queue, batch } = parcel;
    const { topic, partition } = queue;
    const answer = answers.find((a) => a.topic === topic && a.partition === partition);
    const code = answer?.errorCode ?? CODE.unknownTopic;
    if (answer !== undefined && code === CODE.none) {
      queue.advance(batch.builder.count);
      settle(parcel, { ok: true, baseOffset: answer.baseOffset }, finish);
    } else if (isFinal(code)) {
      const error = errorOfCode(code, `partition ${partition} of topic ${topic}`);
      settle(parcel, failed(error), finish);
    } else if (NEEDS_NEW_IDENTITY.has(code)) this.renew(queue);
  }

  private giveUpIfLate(parcel: Parcel, finish: Finish): void {
    const { queue, batch } = parcel;
    if (performance.now() < batch.expiresAtMs) return;
    const message = `Partition ${queue.partition} of ${queue.topic} was not acknowledged in time.`;
    this.fail(parcel, new TandemError("log_unavailable", { message }), finish);
  }

  private fail(parcel: Parcel, error: Error, finish: Finish): void {
    // Whether the broker took its numbers is not known, so they are used no more.
    if (parcel.batch.sent) this.renew(parcel.queue);
    settle(parcel, failed(error), finish);
  }

  private async findLeaders(parcels: readonly Parcel[], finish: Finish): Promise<void> {
    for (const [topic, own] of Map.groupBy(parcels, ({ queue }) => queue.topic)) {
      const leaders = await this.map.refresh(topic).catch(() => undefined);
      if (leaders?.length !== 0) continue;
      for (const parcel of own) settle(parcel, failed(noTopic(topic)), finish);
    }
  }

  private renew(queue: PartitionQueue): void {
    if (queue.identity !== undefined) this.identities.giveUp(queue.identity);
    queue.identity = undefined;
  }
}

const unsettled = (parcels: readonly Parcel[]): Parcel[] =>
  parcels.filter(({ batch }) => batch.outcome === undefined);

function settle({ queue, batch }: Parcel, outcome: Outcome, finish: Finish): void {
  batch.settle(outcome);
  finish(queue);
}

const failed = (error: unknown): Outcome => ({
  ok: false,
  error: error instanceof Error ? error : new TypeError(String(error)),
});
