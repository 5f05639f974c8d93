// Kafka's binary protocol, as little as tells that a broker works (kafka.apache.org/protocol): Metadata v4 for
// the brokers it knows, FindCoordinator v1 and InitProducerId v0. The last two also make the broker create
// what the first consumer group and the first idempotent producer would else have to wait and retry for.
import { type Conversation, converse } from "./conversation.ts";

const METADATA = { key: 3, version: 4 };
const FIND_COORDINATOR = { key: 10, version: 1 };
const INIT_PRODUCER_ID = { key: 22, version: 0 };

/** Throws unless the broker on this port works and knows of so many brokers, itself included. */
export async function kafkaReady(port: number, brokers: number): Promise<void> {
  await converse(port, async (c) => {
    // No topics, no creation of topics.
    const metadata = await ask(c, METADATA, Buffer.from([0, 0, 0, 0, 0]));
    // Size, correlation id, throttle time, then the count of brokers.
    const known = metadata.readInt32BE(12);
    if (known < brokers) throw new Error(`it knows of ${known} of ${brokers} brokers`);
    const group = Buffer.from("ready");
    const findGroup = Buffer.concat([Buffer.from([0, group.length]), group, Buffer.from([0])]);
    refuse("coordinator", await ask(c, FIND_COORDINATOR, findGroup));
    // No transactional id, 60 s.
    refuse(
      "producer id",
      await ask(c, INIT_PRODUCER_ID, Buffer.from([0xff, 0xff, 0, 0, 0xea, 0x60])),
    );
  });
}

function ask(c: Conversation, api: typeof METADATA, body: Buffer): Promise<Buffer> {
  const head = Buffer.alloc(14);
  head.writeInt32BE(head.length - 4 + body.length, 0);
  head.writeInt16BE(api.key, 4);
  head.writeInt16BE(api.version, 6);
  head.writeInt32BE(1, 8);
  head.writeInt16BE(-1, 12);
  return c.ask(Buffer.concat([head, body]), (got) =>
    got.length < 4 ? undefined : 4 + got.readInt32BE(0),
  );
}

/** Both answers begin with size, correlation id, throttle time and an error code. */
function refuse(what: string, answer: Buffer): void {
  const code = answer.readInt16BE(12);
  if (code !== 0) throw new Error(`${what}: Kafka's error ${code}`);
}
