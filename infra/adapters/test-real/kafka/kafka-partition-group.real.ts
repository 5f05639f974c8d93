// Members of a group on the brokers of KAFKA_BOOTSTRAP: the port's contract, and a member that is frozen
// past its session.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { partitionGroupSuite } from "@tandem/shared-logic/testing";
import { KafkaPartitionGroup } from "../../src/kafka/group/kafka-partition-group.ts";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
import { brokers, freshTopic, TopicTool } from "./topics-of-test.ts";

const tool = new TopicTool();
const log = new KafkaEventLog({ brokers });
after(async () => {
  await log.close();
  await tool.removeAll();
});

async function dataset(partitions: number): Promise<string> {
  const name = tool.note(freshTopic());
  await log.create(name, partitions);
  return name;
}

const QUICK = { brokers, heartbeatMs: 100, sessionMs: 6000 };

partitionGroupSuite({
  test: (title, body) => test(`${title} (kafka)`, body),
  open: async () => ({ connect: () => new KafkaPartitionGroup(QUICK), dataset }),
});

test("3: a member frozen past its session loses all, learns it after the thaw and joins again", async () => {
  const name = await dataset(4);
  const told: string[] = [];
  const frozen = fork(new URL("./group-member.ts", import.meta.url), [name], {
    env: { ...process.env, SESSION_MS: `${QUICK.sessionMs}` },
  });
  frozen.on("message", (text) => told.push(`${text}`));
  const told_ = async (text: string) => {
    while (!told.includes(text)) await once(frozen, "message");
  };
  const group = new KafkaPartitionGroup(QUICK);
  try {
    await told_("assigned 0,1,2,3");
    const held = new Set<number>();
    let wake: () => void = () => undefined;
    const until = async (count: number) => {
      while (held.size !== count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    const joining = group.join(name, "speed", {
      async onAssigned(partitions) {
        for (const p of partitions) held.add(p);
        wake();
      },
      async onRevoked(partitions) {
        for (const p of partitions) held.delete(p);
        wake();
      },
    });
    await joining;
    await until(2);
    frozen.kill("SIGSTOP");
    await until(4);
    told.length = 0;
    frozen.kill("SIGCONT");
    await until(2);
    while (!told.some((text) => text.startsWith("assigned"))) await once(frozen, "message");
    assert.match(told[0] ?? "", /^lost \d,\d$/);
  } finally {
    frozen.kill("SIGKILL");
    await group.close();
  }
});
