// CQL's binary protocol, version 4, as little as tells that Cassandra works: STARTUP, then a SELECT that must
// be answered by a RESULT. The port alone is open before the node serves.
import { type Conversation, converse } from "./conversation.ts";

const [ERROR, STARTUP, READY, QUERY, RESULT] = [0x00, 0x01, 0x02, 0x07, 0x08];
const HEAD = 9;

export async function cassandraReady(port: number): Promise<void> {
  await converse(port, async (c) => {
    const options = Buffer.concat([Buffer.from([0, 1]), text("CQL_VERSION"), text("3.0.0")]);
    await ask(c, STARTUP, options, READY);
    const query = Buffer.from("SELECT key FROM system.local");
    // Query as a long string, consistency ONE, no flags.
    const body = Buffer.concat([
      Buffer.from([0, 0, 0, query.length]),
      query,
      Buffer.from([0, 1, 0]),
    ]);
    await ask(c, QUERY, body, RESULT);
  });
}

const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);

async function ask(c: Conversation, opcode: number, body: Buffer, expected: number): Promise<void> {
  const head = Buffer.from([4, 0, 0, 0, opcode, 0, 0, 0, 0]);
  head.writeInt32BE(body.length, 5);
  const answer = await c.ask(Buffer.concat([head, body]), (got) =>
    got.length < HEAD ? undefined : HEAD + got.readInt32BE(5),
  );
  if (answer[4] === expected) return;
  // An error is a code and a text.
  const why = answer[4] === ERROR ? answer.subarray(HEAD + 6).toString() : `opcode ${answer[4]}`;
  throw new Error(`Cassandra answers ${why}`);
}
