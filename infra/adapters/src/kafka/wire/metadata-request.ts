// Metadata, version 5: who the brokers are and who leads each partition. Errors of single partitions
// are part of the answer, so that one without a leader does not hide the others.
import type { WireRequest } from "./request.ts";
import type { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

export interface BrokerAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export interface TopicMetadata {
  readonly errorCode: number;
  /** By partition: the leader's node, or -1. */
  readonly leaders: readonly number[];
}

export interface ClusterMetadata {
  readonly brokers: readonly BrokerAddress[];
  readonly controllerId: number;
  readonly topic: TopicMetadata | undefined;
}

/** Of one topic, or of the brokers alone. Creates no topic. */
export function metadataRequest(topic?: string): WireRequest<ClusterMetadata> {
  return {
    apiKey: 3,
    apiName: "Metadata",
    apiVersion: 5,
    write() {
      const writer = new WireWriter(16 + 3 * (topic?.length ?? 0));
      writer.int32(topic === undefined ? 0 : 1);
      if (topic !== undefined) writer.text(topic);
      return writer.int8(0);
    },
    read(reader) {
      reader.skip(4);
      const brokers = reader.list((r) => {
        const address = { nodeId: r.int32(), host: r.text(), port: r.int32() };
        r.text();
        return address;
      });
      reader.text();
      const controllerId = reader.int32();
      const [found] = reader.list(readTopic);
      return { brokers, controllerId, topic: found };
    },
  };
}

function readTopic(reader: WireReader): TopicMetadata {
  const errorCode = reader.int16();
  reader.text();
  reader.skip(1);
  const leaders: number[] = [];
  for (const { partition, leader } of reader.list(readPartition)) leaders[partition] = leader;
  return { errorCode, leaders: Array.from(leaders, (leader) => leader ?? -1) };
}

function readPartition(reader: WireReader) {
  reader.skip(2);
  const partition = reader.int32();
  const leader = reader.int32();
  for (let k = 0; k < 3; k++) reader.list((r) => r.int32());
  return { partition, leader };
}
