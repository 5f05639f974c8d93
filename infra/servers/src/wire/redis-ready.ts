// Redis' text protocol, as little as tells that it works: PING. While it still loads its file it answers
// with an error instead.
import { converse } from "./conversation.ts";

export async function redisReady(port: number): Promise<void> {
  await converse(port, async (c) => {
    const answer = await c.ask(Buffer.from("PING\r\n"), (got) => {
      const end = got.indexOf("\n");
      return end < 0 ? undefined : end + 1;
    });
    const line = answer.toString().trim();
    if (line !== "+PONG") throw new Error(`Redis answers ${line}`);
  });
}
