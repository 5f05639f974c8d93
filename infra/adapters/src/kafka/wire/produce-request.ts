// Produce, version 7 (the first with zstd): one batch per partition, acknowledged by all in-sync
// replicas. Each partition's answer stands alone.
import type { WireRequest } from "./request.ts";
import { WireWriter } from "./wire-writer.ts";

export interface ProducedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

export interface ProduceAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: number;
}

const ALL_REPLICAS = -1;

export function produceRequest(
  batches: readonly ProducedBatch[],
  timeoutMs: number,
): WireRequest<ProduceAnswer[]> {
  const byTopic = Map.groupBy(batches, (batch) => batch.topic);
  return {
    apiKey: 0,
    apiName: "Produce",
    apiVersion: 7,
    write() {
      let sizeBytes = 12;
      for (const { topic, bytes } of batches) sizeBytes += 14 + 3 * topic.length + bytes.length;
      const writer = new WireWriter(sizeBytes);
      writer.text(null).int16(ALL_REPLICAS).int32(timeoutMs).int32(byTopic.size);
      for (const [topic, own] of byTopic) {
        writer.text(topic).int32(own.length);
        for (const { partition, bytes } of own) {
          writer.int32(partition).int32(bytes.length).bytes(bytes);
        }
      }
      return writer;
    },
    read: (reader) =>
      reader
        .list((r) => {
          const topic = r.text();
          return r.list((p) => {
            const partition = p.int32();
            const answer = { topic, partition, errorCode: p.int16(), baseOffset: p.int64() };
            p.skip(16);
            return answer;
          });
        })
        .flat(),
  };
}
