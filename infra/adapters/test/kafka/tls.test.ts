// The same by TLS: here with a key that both sides know, as a certificate would run out.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { createServer } from "node:tls";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
import { FakeBroker } from "./fake-broker.ts";

test("a broker is spoken to by TLS", async () => {
  const broker = new FakeBroker(() => 0);
  await broker.start();
  const { port: plainPort } = broker;
  const psk = Buffer.alloc(32, 7);
  const ciphers = "PSK";
  const versions = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
  let connections = 0;
  const server = createServer({ ...versions, ciphers, pskCallback: () => psk }, (socket) => {
    connections++;
    const behind = connect(plainPort, "127.0.0.1");
    socket.on("error", () => behind.destroy());
    behind.on("error", () => socket.destroy());
    socket.pipe(behind).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  broker.port = typeof address === "object" && address !== null ? address.port : 0;
  const ssl = {
    ...versions,
    ciphers,
    pskCallback: () => ({ psk, identity: "tandem" }),
    checkServerIdentity: () => undefined,
  };
  const log = new KafkaEventLog({ brokers: [`127.0.0.1:${broker.port}`], ssl });
  try {
    assert.equal(await log.partitions("events"), 2);
    assert.ok(connections > 0);
  } finally {
    await log.close();
    server.close();
    await broker.stop();
  }
});
