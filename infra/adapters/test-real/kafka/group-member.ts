// A process that is one member of a group and says what it is told; killed or frozen by its test.
import { KafkaPartitionGroup } from "../../src/kafka/group/kafka-partition-group.ts";
import { brokers } from "./topics-of-test.ts";

const group = new KafkaPartitionGroup({
  brokers,
  heartbeatMs: 100,
  sessionMs: Number(process.env["SESSION_MS"]),
});
const say = async (what: string, partitions: readonly number[]) => {
  process.send?.(`${what} ${[...partitions].sort().join(",")}`);
};
await group.join(process.argv[2] ?? "", "speed", {
  onAssigned: (partitions) => say("assigned", partitions),
  onRevoked: (partitions, reason) => say(reason, partitions),
});
