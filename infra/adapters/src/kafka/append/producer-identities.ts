// The identity under which batches are numbered, so that a broker takes a batch that is sent again only
// once (KIP-98). It is asked for once and shared; a partition whose numbers went out of step asks for a
// new one, which it has never used and may therefore begin at 0.
import type { BrokerConnections } from "../broker-connections.ts";
import type { ClusterMap } from "../cluster-map.ts";

export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export class ProducerIdentities {
  private readonly connections: BrokerConnections;
  private readonly map: ClusterMap;
  private asked: Promise<ProducerIdentity> | undefined;
  private current: ProducerIdentity | undefined;

  constructor(connections: BrokerConnections, map: ClusterMap) {
    this.connections = connections;
    this.map = map;
  }

  async get(limitMs: number): Promise<ProducerIdentity> {
    this.asked ??= this.ask(limitMs).catch((error: unknown) => {
      this.asked = undefined;
      throw error;
    });
    this.current = await this.asked;
    return this.current;
  }

  /** The next `get` gives another than `spent`. */
  giveUp(spent: ProducerIdentity): void {
    if (this.current === spent) this.asked = undefined;
  }

  private async ask(limitMs: number): Promise<ProducerIdentity> {
    const to = await this.map.anyBroker();
    try {
      const { producerId, producerEpoch } = await this.connections.call(
        to,
        "ask",
        limitMs,
        (broker) => broker.initProducerId({ transactionTimeout: 60_000 }),
      );
      return { producerId: Number(producerId), producerEpoch };
    } catch (error) {
      this.map.noteFailure(to);
      throw error;
    }
  }
}
