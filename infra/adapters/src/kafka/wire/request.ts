// What a request of our own needs: its number and version in the protocol, its bytes and the reading
// of its answer. kafkajs frames it and matches the answer to it.
import type { WireReader } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

export interface WireRequest<T> {
  readonly apiKey: number;
  readonly apiName: string;
  readonly apiVersion: number;
  readonly write: () => WireWriter;
  readonly read: (reader: WireReader) => T;
}
