// Fetch, version 11, without a session: committed records from an offset of each partition on. The
// records stay bytes; batch/ reads them.
import type { AbortedTransaction } from "../batch/aborted-filter.ts";
import type { WireRequest } from "./request.ts";
import type { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

export interface FetchFrom {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly maxBytes: number;
}

export interface FetchLimits {
  /** How long the broker waits for a first byte. */
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** The end for readers of committed records; -1 with an error. */
  readonly stableEnd: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly bytes: Buffer;
}

const READ_COMMITTED = 1;

export function fetchRequest(
  places: readonly FetchFrom[],
  limits: FetchLimits,
): WireRequest<FetchedPartition[]> {
  return {
    apiKey: 1,
    apiName: "Fetch",
    apiVersion: 11,
    write() {
      let sizeBytes = 48;
      for (const { topic } of places) sizeBytes += 40 + 3 * topic.length;
      const writer = new WireWriter(sizeBytes);
      writer.int32(-1).int32(limits.maxWaitMs).int32(1).int32(limits.maxBytes);
      // No fetch session: id 0, epoch -1.
      writer.int8(READ_COMMITTED).int32(0).int32(-1);
      const byTopic = Map.groupBy(places, (place) => place.topic);
      writer.int32(byTopic.size);
      for (const [topic, own] of byTopic) {
        writer.text(topic).int32(own.length);
        for (const { partition, from, maxBytes } of own) {
          writer.int32(partition).int32(-1).int64(from).int64(-1).int32(maxBytes);
        }
      }
      return writer.int32(0).text("");
    },
    read(reader) {
      reader.skip(4);
      const errorCode = reader.int16();
      reader.skip(4);
      return reader
        .list((r) => {
          const topic = r.text();
          return r.list((p) => readPartition(p, topic, errorCode));
        })
        .flat();
    },
  };
}

function readPartition(r: WireReader, topic: string, errorOfAll: number): FetchedPartition {
  const partition = r.int32();
  const errorCode = r.int16() || errorOfAll;
  r.skip(8);
  const stableEnd = r.int64();
  r.skip(8);
  // A null list has the length -1.
  const aborted = r.list((a) => ({ producerId: a.int64(), firstOffset: a.int64() }));
  r.skip(4);
  return { topic, partition, errorCode, stableEnd, aborted, bytes: r.span() };
}
