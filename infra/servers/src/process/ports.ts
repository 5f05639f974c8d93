// Ports on 127.0.0.1: whether somebody listens on one, and free ones from below the range that systems give
// to outgoing connections, so that nobody's connection takes it before its server does.
import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";

/** Above those that Tandem's processes have unless told otherwise (26800 and on): tests start these beside the servers. */
const FIRST = 27_000;
const LAST = 32_000;

export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", end(true)).on("error", end(false)).setTimeout(2000, end(true));
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.on("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/** A port nobody listens on, drawn at random so that two who look at once rarely meet. */
export async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < 1000; tries++) {
    const port = randomInt(FIRST, LAST);
    if (!taken.has(port) && (await canListen(port))) return port;
  }
  throw new Error(`found no free port between ${FIRST} and ${LAST}`);
}
