// Who leads each partition: metadata kept per topic, asked again when old or when a broker said that it
// is wrong. Whichever broker answers first will do; those that failed lately are asked last.
import { TandemError } from "@tandem/shared-logic";
import type { BrokerConnections } from "./broker-connections.ts";
import { CODE, errorOfCode } from "./kafka-errors.ts";
import type { KafkaSettings } from "./kafka-options.ts";
import { backoffMs } from "./time-limit.ts";
import {
  type BrokerAddress,
  type ClusterMetadata,
  metadataRequest,
} from "./wire/metadata-request.ts";

interface KnownTopic {
  readonly leaders: readonly number[];
  readonly atMs: number;
}

const MAX_AGE_MS = 60_000;
/** Answers are not asked for more often than this, however many ask. */
const MIN_AGE_MS = 20;
const INVALID_TOPIC = 17;

export class ClusterMap {
  private readonly connections: BrokerConnections;
  private readonly settings: KafkaSettings;
  private readonly seeds: readonly BrokerAddress[];
  private brokers: readonly BrokerAddress[] = [];
  private readonly failedAtMs = new Map<string, number>();
  private readonly topics = new Map<string, KnownTopic>();
  private readonly asking = new Map<string, Promise<readonly number[]>>();
  controllerId = -1;

  constructor(connections: BrokerConnections, settings: KafkaSettings) {
    this.connections = connections;
    this.settings = settings;
    this.seeds = settings.brokers.map((text, i) => seed(text, -1 - i, settings.brokersSetting));
  }

  /** The leader's node of each partition, -1 where there is none now; empty where there is no such topic. */
  async leaders(topic: string): Promise<readonly number[]> {
    const known = this.topics.get(topic);
    if (known !== undefined && performance.now() - known.atMs < MAX_AGE_MS) return known.leaders;
    // An old answer is better than none.
    return this.refresh(topic).catch((error: unknown) => {
      if (known !== undefined) return known.leaders;
      throw error;
    });
  }

  /** What is known without asking. */
  known(topic: string): readonly number[] | undefined {
    return this.topics.get(topic)?.leaders;
  }

  async refresh(topic: string): Promise<readonly number[]> {
    const known = this.topics.get(topic);
    if (known !== undefined && performance.now() - known.atMs < MIN_AGE_MS) return known.leaders;
    let answer = this.asking.get(topic);
    if (answer === undefined) {
      answer = this.ask(topic).finally(() => this.asking.delete(topic));
      this.asking.set(topic, answer);
    }
    return answer;
  }

  /** Of the topic's partition; asks until there is one or the time is over. */
  async leader(topic: string, partition: number, untilMs: number): Promise<BrokerAddress> {
    for (let attempt = 0; ; attempt++) {
      const leaders = attempt === 0 ? await this.leaders(topic) : await this.refresh(topic);
      if (leaders.length === 0) throw noTopic(topic);
      const address = this.address(leaders[partition] ?? -1);
      if (address !== undefined) return address;
      const waitMs = backoffMs(attempt);
      if (performance.now() + waitMs > untilMs) {
        throw new TandemError("log_unavailable", {
          message: `Partition ${partition} of ${topic} has no leader now.`,
          details: { topic, partition },
        });
      }
      await this.settings.clock.sleep(waitMs);
    }
  }

  address(nodeId: number): BrokerAddress | undefined {
    return this.brokers.find((b) => b.nodeId === nodeId);
  }

  /** Any broker that has not failed lately. */
  async anyBroker(): Promise<BrokerAddress> {
    if (this.brokers.length === 0) await this.metadata();
    const [first] = this.candidates();
    if (first === undefined) throw new TypeError("no broker");
    return first;
  }

  async controller(): Promise<BrokerAddress> {
    await this.metadata();
    return this.address(this.controllerId) ?? this.anyBroker();
  }

  /** It did not answer: others are asked first from now on, also who leads what it led. */
  noteFailure(to: BrokerAddress): void {
    this.failedAtMs.set(`${to.host}:${to.port}`, performance.now());
    for (const [topic, { leaders }] of this.topics) {
      // Whoever needs the answer asks as well and hears why there is none.
      if (leaders.includes(to.nodeId)) this.refresh(topic).catch(() => undefined);
    }
  }

  private async ask(topic: string): Promise<readonly number[]> {
    const { topic: found } = await this.metadata(topic);
    const code = found?.errorCode ?? CODE.unknownTopic;
    if (code === CODE.unknownTopic || code === INVALID_TOPIC) {
      this.topics.delete(topic);
      return [];
    }
    if (found === undefined || (code !== CODE.none && found.leaders.length === 0)) {
      throw errorOfCode(code, `${this.connections.describe()}, topic ${topic}`);
    }
    this.topics.set(topic, { leaders: found.leaders, atMs: performance.now() });
    return found.leaders;
  }

  private async metadata(topic?: string): Promise<ClusterMetadata> {
    let last: unknown;
    const limitMs = Math.min(this.settings.callTimeoutMs, 2 * this.settings.connectTimeoutMs);
    const untilMs = performance.now() + this.settings.callTimeoutMs;
    for (const to of this.candidates()) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) break;
      try {
        const request = metadataRequest(topic);
        const found = await this.connections.send(to, "ask", Math.min(leftMs, limitMs), request);
        this.brokers = found.brokers;
        this.controllerId = found.controllerId;
        this.failedAtMs.delete(`${to.host}:${to.port}`);
        return found;
      } catch (error) {
        if (error instanceof TandemError && error.code === "configuration") throw error;
        last = error;
        this.failedAtMs.set(`${to.host}:${to.port}`, performance.now());
      }
    }
    throw new TandemError("log_unavailable", {
      message: `${this.connections.describe()} does not answer: ${last instanceof Error ? last.message : "no broker left"}`,
      details: { brokers: this.settings.brokers, setting: this.settings.brokersSetting },
      cause: last,
    });
  }

  /** Known brokers and those of the setting, the ones that failed last at the end. */
  private candidates(): BrokerAddress[] {
    const failed = ({ host, port }: BrokerAddress) => this.failedAtMs.get(`${host}:${port}`) ?? 0;
    const found = new Map<string, BrokerAddress>();
    for (const b of [...this.seeds, ...this.brokers]) found.set(`${b.host}:${b.port}`, b);
    return [...found.values()].sort((a, b) => failed(a) - failed(b));
  }
}

export function noTopic(topic: string): TandemError {
  return new TandemError("log_unavailable", {
    message: `There is no topic ${topic}.`,
    details: { topic },
  });
}

function seed(text: string, nodeId: number, setting: string): BrokerAddress {
  const [, host, port] = /^(?:\[?([^\]]+?)\]?):(\d{1,5})$/.exec(text.trim()) ?? [];
  if (host !== undefined && Number(port) > 0) return { nodeId, host, port: Number(port) };
  throw new TandemError("configuration", {
    message: `${setting}: ${JSON.stringify(text)} is not host:port.`,
    details: { setting },
  });
}
