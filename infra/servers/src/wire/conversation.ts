// Requests and answers over one TCP connection to 127.0.0.1, for protocols whose answers state their
// length. No answer within five seconds is an error: a frozen server still accepts connections.
import { connect, type Socket } from "node:net";

export interface Conversation {
  /** Sends and takes the next answer; `length` says how long it is as soon as `got` tells. */
  ask(request: Uint8Array, length: (got: Buffer) => number | undefined): Promise<Buffer>;
}

const TIMEOUT_MS = 5000;

export async function converse<T>(port: number, work: (c: Conversation) => Promise<T>): Promise<T> {
  const socket: Socket = connect(port, "127.0.0.1");
  socket.setTimeout(TIMEOUT_MS, () => {
    socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
  });
  const chunks = socket[Symbol.asyncIterator]();
  let got: Buffer = Buffer.alloc(0);
  const conversation: Conversation = {
    async ask(request, length) {
      socket.write(request);
      for (;;) {
        const size = length(got);
        if (size !== undefined && got.length >= size) {
          const answer = got.subarray(0, size);
          got = got.subarray(size);
          return answer;
        }
        const next = await chunks.next();
        if (next.done) throw new Error("it closed the connection");
        got = Buffer.concat([got, next.value as Buffer]);
      }
    },
  };
  try {
    return await work(conversation);
  } finally {
    socket.destroy();
  }
}
