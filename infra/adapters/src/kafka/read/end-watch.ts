// Waits for partitions to grow: the broker holds a fetch until there is something, so nothing here spins.
// A few connections per broker wait at once; a new waiter takes an idle one, or shares the next to return.
import type { StopSignal } from "@tandem/shared-logic";
import type { BrokerConnections } from "../broker-connections.ts";
import type { ClusterMap } from "../cluster-map.ts";
import { CODE } from "../kafka-errors.ts";
import type { KafkaSettings } from "../kafka-options.ts";
import { backoffMs } from "../time-limit.ts";
import { type FetchedPartition, fetchRequest } from "../wire/fetch-request.ts";
import type { PartitionReader } from "./partition-reader.ts";

interface Watcher {
  readonly topic: string;
  readonly partition: number;
  /** Wakes when the end lies above. */
  readonly above: number;
  /** Where the broker is asked from: `above`, or the end where that is still lower. */
  pollFrom: number;
  failures: number;
  done: boolean;
  readonly wake: () => void;
}

/** Waiting connections to one broker. */
const LANES = 8;
/** What a wait brings back is thrown away, so it asks for little. */
const POLL_BYTES = 1;
/** A broker may be this late with the answer it owes at the end of a poll. */
const GRACE_MS = 2000;

export class EndWatch {
  private readonly connections: BrokerConnections;
  private readonly map: ClusterMap;
  private readonly reader: PartitionReader;
  private readonly settings: KafkaSettings;
  private readonly waiting = new Map<number, Watcher[]>();
  private readonly busy = new Map<number, Set<number>>();
  private readonly all = new Set<Watcher>();
  private closed = false;

  constructor(
    connections: BrokerConnections,
    map: ClusterMap,
    reader: PartitionReader,
    settings: KafkaSettings,
  ) {
    this.connections = connections;
    this.map = map;
    this.reader = reader;
    this.settings = settings;
  }

  wait(
    topic: string,
    partition: number,
    above: number,
    timeoutMs: number,
    signal?: StopSignal,
  ): Promise<void> {
    if (this.closed || signal?.aborted || timeoutMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = new AbortController();
      const wake = () => {
        if (watcher.done) return;
        watcher.done = true;
        this.all.delete(watcher);
        signal?.removeEventListener("abort", wake);
        stop.abort();
        resolve();
      };
      const base = { topic, partition, above, pollFrom: above, failures: 0, done: false };
      const watcher: Watcher = { ...base, wake };
      this.all.add(watcher);
      signal?.addEventListener("abort", wake, { once: true });
      this.settings.clock.sleep(timeoutMs, stop.signal).then(wake, () => undefined);
      this.place(watcher);
    });
  }

  /** Wakes everybody, also those who come later. */
  close(): void {
    this.closed = true;
    for (const watcher of [...this.all]) watcher.wake();
  }

  private place(watcher: Watcher): void {
    const nodeId = this.map.known(watcher.topic)?.[watcher.partition] ?? -1;
    if (this.map.address(nodeId) === undefined) {
      void this.later(watcher);
      return;
    }
    const waiting = this.waiting.get(nodeId) ?? [];
    waiting.push(watcher);
    this.waiting.set(nodeId, waiting);
    const busy = this.busy.get(nodeId) ?? new Set();
    this.busy.set(nodeId, busy);
    for (let lane = 0; lane < LANES; lane++) {
      if (busy.has(lane)) continue;
      busy.add(lane);
      void this.poll(nodeId, lane).finally(() => busy.delete(lane));
      return;
    }
  }

  /** Serves those who wait at the broker until nobody does. */
  private async poll(nodeId: number, lane: number): Promise<void> {
    // Those who come in one turn share a lane.
    await Promise.resolve();
    for (;;) {
      const watchers = (this.waiting.get(nodeId) ?? []).filter((w) => !w.done);
      this.waiting.set(nodeId, []);
      const to = this.map.address(nodeId);
      if (watchers.length === 0) return;
      const { pollMs } = this.settings;
      const places = watchers.map((w) => ({
        topic: w.topic,
        partition: w.partition,
        from: w.pollFrom,
        maxBytes: POLL_BYTES,
      }));
      try {
        if (to === undefined) throw new Error("the broker is gone");
        const request = fetchRequest(places, { maxWaitMs: pollMs, maxBytes: POLL_BYTES });
        const limitMs = pollMs + GRACE_MS;
        const answers = await this.connections.send(to, `wait ${lane}`, limitMs, request);
        for (const watcher of watchers) this.judge(watcher, answers);
      } catch {
        for (const watcher of watchers) void this.later(watcher);
      }
    }
  }

  private judge(watcher: Watcher, answers: readonly FetchedPartition[]): void {
    if (watcher.done) return;
    const { topic, partition, above } = watcher;
    const answer = answers.find((a) => a.topic === topic && a.partition === partition);
    if (answer?.errorCode === CODE.offsetOutOfRange) {
      void this.findEnd(watcher);
    } else if (answer?.errorCode !== CODE.none) {
      void this.later(watcher);
    } else if (answer.stableEnd > above) {
      watcher.wake();
    } else {
      watcher.failures = 0;
      watcher.pollFrom = answer.stableEnd;
      this.place(watcher);
    }
  }

  /** The offset is not there yet, or no longer. */
  private async findEnd(watcher: Watcher): Promise<void> {
    const { topic, partition, above } = watcher;
    try {
      const untilMs = performance.now() + this.settings.callTimeoutMs;
      const { end } = await this.reader.range(topic, partition, untilMs);
      if (end > above) return watcher.wake();
      watcher.pollFrom = end;
      if (!watcher.done) this.place(watcher);
    } catch {
      await this.later(watcher);
    }
  }

  private async later(watcher: Watcher): Promise<void> {
    await this.settings.clock.sleep(backoffMs(watcher.failures++));
    if (watcher.done) return;
    await this.map.refresh(watcher.topic).catch(() => undefined);
    if (!watcher.done) this.place(watcher);
  }
}
