// An HTTP proxy in front of the S3 server that does wrong what it is told to, request by request. The
// request is read whole before anything happens, so a test says exactly what the server has seen.
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Fault =
  /** The server carries the request out; its answer is lost. */
  | "lose answer"
  /** Nothing is passed on, nothing answered. */
  | "hang"
  /** Half of the answer's body, then nothing more. */
  | "hang midway"
  /** One byte of the answer's body is another. */
  | "flip a byte"
  /** Answered by this status and code instead of the server. */
  | { readonly status: number; readonly code: string }
  /** Passed on only once this resolves; the client has gone by then. */
  | { readonly heldUntil: Promise<void>; readonly passedOn: () => void };

export interface FaultProxy {
  readonly endpoint: string;
  /** The next request whose "METHOD url" matches, and the `times - 1` after it. */
  fault(match: RegExp, fault: Fault, times?: number): void;
  /** "METHOD url" of all requests so far. */
  readonly seen: string[];
  close(): Promise<void>;
}

interface Planned {
  readonly match: RegExp;
  readonly fault: Fault;
  times: number;
}

export async function faultProxy(target: string): Promise<FaultProxy> {
  const planned: Planned[] = [];
  const seen: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const line = `${incoming.method} ${incoming.url}`;
    seen.push(line);
    const plan = planned.find((p) => p.times > 0 && p.match.test(line));
    if (plan) plan.times--;
    await answer(target, incoming, Buffer.concat(chunks), outgoing, plan?.fault);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    fault: (match, fault, times = 1) => void planned.push({ match, fault, times }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  if (fault === "hang") return;
  if (typeof fault === "object" && "status" in fault) {
    outgoing.writeHead(fault.status, { "content-type": "application/xml" });
    outgoing.end(`<Error><Code>${fault.code}</Code><Message>planned</Message></Error>`);
    return;
  }
  if (typeof fault === "object") {
    await fault.heldUntil;
    await forwarded(target, incoming, body);
    fault.passedOn();
    return;
  }
  const { status, headers, bytes } = await forwarded(target, incoming, body);
  if (fault === "lose answer") {
    outgoing.destroy();
    return;
  }
  if (fault === "flip a byte") bytes[bytes.length >> 1] = ~(bytes[bytes.length >> 1] ?? 0);
  outgoing.writeHead(status, headers);
  if (fault === "hang midway") outgoing.write(bytes.subarray(0, bytes.length >> 1));
  else outgoing.end(bytes);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
}

function forwarded(target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { method, url, headers } = incoming;
  return new Promise((resolve, reject) => {
    // The Host header stays the client's: it is part of what is signed.
    const passed = request(
      `${target}${url}`,
      { method, headers, agent: false },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const { statusCode: status = 500, headers } = response;
        resolve({ status, headers, bytes: Buffer.concat(chunks) });
      },
    );
    passed.on("error", reject);
    passed.end(body);
  });
}
