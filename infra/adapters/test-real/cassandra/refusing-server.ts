// A server that speaks just enough of Cassandra's native protocol (version 4) to ask for a password and
// refuse whatever it is given: the shared Cassandra asks nobody.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

const STARTUP = 0x01;
const AUTH_RESPONSE = 0x0f;
const AUTHENTICATE = 0x03;
const ERROR = 0x00;
const BAD_CREDENTIALS = 0x0100;
const HEADER_BYTES = 9;

export async function refusingServer(): Promise<{ address: string; close: () => Promise<void> }> {
  const server = createServer((socket) => {
    let rest = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= HEADER_BYTES) {
        const end = HEADER_BYTES + rest.readUInt32BE(5);
        if (rest.length < end) return;
        answer(socket, rest.subarray(0, end));
        rest = rest.subarray(end);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}

function answer(socket: Socket, frame: Buffer): void {
  const [opcode, stream] = [frame[4], frame.readInt16BE(2)];
  if (opcode === STARTUP) {
    send(socket, stream, AUTHENTICATE, text("org.apache.cassandra.auth.PasswordAuthenticator"));
  }
  if (opcode === AUTH_RESPONSE) {
    const code = Buffer.alloc(4);
    code.writeUInt32BE(BAD_CREDENTIALS);
    const message = text("Provided username tandem and/or password are incorrect");
    send(socket, stream, ERROR, Buffer.concat([code, message]));
  }
}

function send(socket: Socket, stream: number, opcode: number, body: Buffer): void {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = 0x84;
  header.writeInt16BE(stream, 2);
  header[4] = opcode;
  header.writeUInt32BE(body.length, 5);
  socket.write(Buffer.concat([header, body]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
