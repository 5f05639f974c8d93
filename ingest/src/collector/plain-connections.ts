// Reads plain requests off a server's connections before node:http does, which takes twice as long for one: a small body
// that is there at once needs no streams, no objects for headers and no timers. Everything else is node:http's, with the
// connection it came on.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { PlainConnection, type PlainDesk, type PlainHost } from "./plain-connection.ts";

/** As often as the server itself does. */
const SWEEP_MS = 1000;

/**
 * The server must not listen yet. What it knows of its connections (their timeouts, which ones are idle, closing them all)
 * then holds of these too.
 */
export function readPlainRequests(server: Server, desk: PlainDesk, sweepMs = SWEEP_MS): void {
  const connections = new Set<PlainConnection>();
  const [serve] = server.listeners("connection");
  if (serve === undefined) throw new RangeError("a server of node:http has a listener");
  const host: PlainHost = {
    get keepAliveMs() {
      return server.keepAliveTimeout;
    },
    get closing() {
      return !server.listening;
    },
    gone: (connection) => connections.delete(connection),
    handOver(connection, socket, unread) {
      connections.delete(connection);
      socket.pause();
      if (unread !== undefined) socket.unshift(unread);
      serve.call(server, socket);
      socket.resume();
    },
  };

  function sweep(): void {
    for (const connection of connections) {
      const { state, answered } = connection;
      const quiet = connection.quietSweeps++;
      if (state === "answering") continue;
      // The server's own timeouts are for requests that do not come, or not all of them.
      if (state === "half read" || !answered) {
        if (quiet > 0) connection.handOver();
      } else if (quiet * sweepMs > server.keepAliveTimeout) connection.end();
    }
  }

  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    connections.add(new PlainConnection(socket, desk, host));
  });
  const closeIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    for (const connection of connections) if (connection.state === "idle") connection.end();
    closeIdle();
  };
  const closeAll = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    for (const connection of connections) connection.destroy();
    closeAll();
  };
  const timer = setInterval(sweep, sweepMs);
  timer.unref();
  server.once("close", () => clearInterval(timer));
}
