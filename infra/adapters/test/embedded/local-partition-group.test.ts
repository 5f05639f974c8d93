// The group within one process against the port's contract.
import { test } from "node:test";
import { partitionGroupSuite } from "@tandem/shared-logic/testing";
import { LocalPartitionGroup } from "../../src/embedded/local-partition-group.ts";

partitionGroupSuite({
  test,
  async open() {
    const datasets = new Map<string, number>();
    const group = new LocalPartitionGroup(async (name) => datasets.get(name) ?? 0);
    return {
      connect: () => group,
      async dataset(partitions) {
        const name = `dataset${datasets.size}`;
        datasets.set(name, partitions);
        return name;
      },
    };
  },
});
