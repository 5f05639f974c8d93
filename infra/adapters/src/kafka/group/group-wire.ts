// What members of a group tell each other, in the consumer protocol's envelopes so that Kafka's own
// tools can show it: a member's claim, and what the round's leader assigned to it.
import type { GroupClaim } from "@tandem/shared-logic";
import { WireReader } from "../wire/wire-reader.ts";
import { WireWriter } from "../wire/wire-writer.ts";

/** Members that assign in another way name another protocol and are refused by the brokers. */
export const PROTOCOL = "tandem-cooperative-1";
const VERSION = 1;

/** Version, topics, then our own: the round and the partitions held. */
export function writeClaim(topic: string, round: number, held: readonly number[]): Buffer {
  const own = new WireWriter(8 + 4 * held.length).int32(round).int32(held.length);
  for (const p of held) own.int32(p);
  const writer = new WireWriter(16 + 3 * topic.length + own.offset);
  writer.int16(VERSION).int32(1).text(topic);
  return writer.int32(own.offset).bytes(own.buffer).buffer;
}

export function readClaim(member: string, bytes: Buffer): GroupClaim {
  const reader = new WireReader(bytes);
  reader.int16();
  reader.list((r) => r.text());
  const own = new WireReader(reader.span());
  return { member, round: own.int32(), held: own.list((r) => r.int32()) };
}

export function writeAssigned(topic: string, partitions: readonly number[]): Buffer {
  const writer = new WireWriter(20 + 3 * topic.length + 4 * partitions.length);
  writer.int16(VERSION).int32(1).text(topic).int32(partitions.length);
  for (const p of partitions) writer.int32(p);
  return writer.int32(0).buffer;
}

/** Empty where the leader gave nothing. */
export function readAssigned(bytes: Buffer): number[] {
  if (bytes.length === 0) return [];
  const reader = new WireReader(bytes);
  reader.int16();
  return reader
    .list((r) => {
      r.text();
      return r.list((p) => p.int32());
    })
    .flat();
}
