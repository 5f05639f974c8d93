import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { cassandraReady } from "../../src/wire/cassandra-ready.ts";
import { kafkaReady } from "../../src/wire/kafka-ready.ts";
import { redisReady } from "../../src/wire/redis-ready.ts";
import { s3Ready } from "../../src/wire/s3-ready.ts";

/** Gives these answers, one to each request, byte by byte; then closes. */
async function server(t: TestContext, answers: readonly Buffer[]): Promise<number> {
  const left = [...answers];
  const listener = createServer({ noDelay: true }, (socket: Socket) => {
    socket
      .on("error", () => undefined)
      .on("data", () => {
        const answer = left.shift();
        if (answer === undefined) socket.destroy();
        else for (const byte of answer) socket.write(Buffer.from([byte]));
      });
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.close());
  const address = listener.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const kafkaAnswer = (...body: number[]): Buffer =>
  Buffer.from([0, 0, 0, body.length + 8, 0, 0, 0, 1, 0, 0, 0, 0, ...body]);
const brokers = (count: number): Buffer => kafkaAnswer(0, 0, 0, count, 9, 9);
const ok = kafkaAnswer(0, 0);
const cql = (opcode: number, body = ""): Buffer =>
  Buffer.concat([Buffer.from([0x84, 0, 0, 0, opcode, 0, 0, 0, body.length]), Buffer.from(body)]);

test("Kafka: enough brokers, a coordinator, a producer id", async (t) => {
  await kafkaReady(await server(t, [brokers(3), ok, ok]), 3);
  const few = await server(t, [brokers(2), ok, ok]);
  await assert.rejects(kafkaReady(few, 3), /it knows of 2 of 3 brokers/);
  const loading = await server(t, [brokers(1), kafkaAnswer(0, 15)]);
  await assert.rejects(kafkaReady(loading, 1), /coordinator: Kafka's error 15/);
});

test("Cassandra: READY, then a RESULT", async (t) => {
  await cassandraReady(await server(t, [cql(2), cql(8, "rows")]));
  const starting = await server(t, [cql(2), cql(0, "\0\0\0\0\0\x07not yet")]);
  await assert.rejects(cassandraReady(starting), /Cassandra answers not yet/);
});

test("Redis: PONG", async (t) => {
  await redisReady(await server(t, [Buffer.from("+PONG\r\n")]));
  const loading = await server(t, [Buffer.from("-LOADING dataset\r\n")]);
  await assert.rejects(redisReady(loading), /Redis answers -LOADING dataset/);
});

test("a server that closes, or is not there, is not ready", async (t) => {
  const closes = await server(t, []);
  await assert.rejects(redisReady(closes), /it closed the connection/);
  await assert.rejects(redisReady(1), /ECONNREFUSED/);
});

test("S3: the code of a refusal is told", async (t) => {
  const body = "<Error><Code>InvalidAccessKeyId</Code></Error>";
  const head = `HTTP/1.1 403 Forbidden\r\ncontent-length: ${body.length}\r\n\r\n`;
  const port = await server(t, [Buffer.from(head + body)]);
  const access = { region: "us-east-1", accessKey: "a", secretKey: "b" };
  await assert.rejects(s3Ready(port, access), /S3 answers 403 InvalidAccessKeyId/);
});
