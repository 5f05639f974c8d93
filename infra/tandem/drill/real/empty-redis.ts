// FLUSHALL, in Redis' own words: a line there, a line back.
import { connect } from "node:net";

export function emptyRedis(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write("FLUSHALL\r\n"));
    socket.setTimeout(5000, () => socket.destroy(new Error("redis does not answer")));
    socket.once("error", reject);
    socket.once("data", (answer) => {
      socket.destroy();
      const text = answer.toString();
      if (text.startsWith("+OK")) resolve();
      else reject(new Error(`redis: ${text}`));
    });
  });
}
