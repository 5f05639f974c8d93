// A login that the broker refuses names the setting and the fix, and no secret; one that it takes is no matter.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
import type { KafkaOptions } from "../../src/kafka/kafka-options.ts";
import { FakeBroker, type LoginReply } from "./fake-broker.ts";

async function openWith(login: LoginReply, mechanism: "plain" | "scram-sha-256"): Promise<void> {
  const broker = new FakeBroker(() => 0, login);
  const sasl = { mechanism, username: "u", password: "hunter2" } as KafkaOptions["sasl"];
  const log = new KafkaEventLog({ brokers: await broker.start(), ...(sasl ? { sasl } : {}) });
  try {
    assert.equal(await log.partitions("events"), 2);
  } finally {
    await log.close();
    await broker.stop();
  }
}

const cases = [
  ["takes no login", { handshake: 34, authenticate: 0 }, "plain", /set sasl\.mechanism to none/],
  ["knows another mechanism", { handshake: 33, authenticate: 0 }, "plain", /set sasl\.mechanism/],
  [
    "lists another mechanism",
    { handshake: 0, authenticate: 0 },
    "scram-sha-256",
    /mechanism to one/,
  ],
  [
    "refuses the password",
    { handshake: 0, authenticate: 58 },
    "plain",
    /check sasl\.username, sasl\.password/,
  ],
] as const;
for (const [what, login, mechanism, names] of cases) {
  test(`a broker that ${what}: a configuration error that says so`, async () => {
    await assert.rejects(openWith(login, mechanism), (error: Error & { code?: string }) => {
      assert.equal(error.code, "configuration");
      assert.match(error.message, names);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });
}

test("a login that the broker takes", () => openWith({ handshake: 0, authenticate: 0 }, "plain"));
