// Conformance suite of the PartitionGroup port. The numbers in the test names are those of the contract
// lines in ports/partition-group.ts.
import type { GroupMember, Membership, PartitionGroup } from "../../ports/partition-group.ts";
import { expectEqual, expectTrue, type TestFunction } from "../expect.ts";
import { errorOf } from "./event-log-case.ts";

export interface OpenPartitionGroup {
  /** A process of its own where processes matter. */
  readonly connect: () => PartitionGroup;
  /** A dataset of so many partitions that nobody used before. */
  readonly dataset: (partitions: number) => Promise<string>;
}

export interface PartitionGroupSuite {
  readonly test: TestFunction;
  readonly open: () => Promise<OpenPartitionGroup>;
}

/** Who holds each partition, as the members were told; finds two holders and false revocations. */
class Witness {
  readonly holders = new Map<number, string>();
  readonly moves: string[] = [];
  private readonly watching: { when: () => boolean; wake: () => void }[] = [];

  member(name: string, onRevoked?: () => Promise<void>): GroupMember {
    let inside = false;
    const alone = async (work: () => Promise<void>) => {
      expectTrue(!inside, `callbacks of ${name} overlap`);
      inside = true;
      await work();
      inside = false;
      for (const { when, wake } of this.watching) if (when()) wake();
    };
    return {
      onAssigned: (partitions) =>
        alone(async () => {
          for (const p of partitions) {
            expectEqual(this.holders.get(p), undefined, `${name} gets ${p}, held already`);
            this.holders.set(p, name);
            this.moves.push(`${name}+${p}`);
          }
        }),
      onRevoked: (partitions) =>
        alone(async () => {
          await onRevoked?.();
          for (const p of partitions) {
            expectEqual(this.holders.get(p), name, `${p} is revoked from ${name}`);
            this.holders.delete(p);
            this.moves.push(`${name}-${p}`);
          }
        }),
    };
  }

  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const name of this.holders.values()) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  /** Resolves once the counts are these. */
  async settled(expected: Readonly<Record<string, number>>): Promise<void> {
    const sorted = (r: Readonly<Record<string, number>>) =>
      JSON.stringify(Object.entries(r).sort());
    const when = () => sorted(this.counts()) === sorted(expected);
    if (when()) return;
    await new Promise<void>((wake) => this.watching.push({ when, wake }));
  }
}

export function partitionGroupSuite({ test, open }: PartitionGroupSuite): void {
  const add = (
    name: string,
    body: (opened: OpenPartitionGroup, connect: () => PartitionGroup) => Promise<void>,
  ) =>
    test(`partition group ${name}`, async () => {
      const opened = await open();
      const groups: PartitionGroup[] = [];
      try {
        await body(opened, () => {
          const group = opened.connect();
          groups.push(group);
          return group;
        });
      } finally {
        await Promise.all(groups.map((group) => group.close()));
      }
    });

  add("1, 7: one member has all, from join on", async ({ dataset }, connect) => {
    const name = await dataset(5);
    const witness = new Witness();
    await connect().join(name, "speed", witness.member("a"));
    expectEqual(witness.counts(), { a: 5 });
    const code = (await errorOf(() => connect().join("nowhere", "speed", witness.member("b"))))
      .code;
    expectEqual(code, "log_unavailable");
  });

  add("1, 2, 5: those who come get their share and no more moves", async ({ dataset }, connect) => {
    const name = await dataset(6);
    const witness = new Witness();
    // The first waits while it hands over: nobody may get the partitions meanwhile.
    const slow = () => new Promise<void>((resolve) => void Promise.resolve().then(resolve));
    await connect().join(name, "speed", witness.member("a", slow));
    await connect().join(name, "speed", witness.member("b"));
    await witness.settled({ a: 3, b: 3 });
    await connect().join(name, "speed", witness.member("c"));
    await witness.settled({ a: 2, b: 2, c: 2 });
    expectEqual(witness.moves.filter((move) => move.includes("-")).length, 5, "partitions moved");
  });

  add("6: who leaves gives up all, others get it, and once is enough", async (opened, connect) => {
    const name = await opened.dataset(4);
    const witness = new Witness();
    const group = connect();
    const a = await group.join(name, "speed", witness.member("a"));
    await connect().join(name, "speed", witness.member("b"));
    await witness.settled({ a: 2, b: 2 });
    await Promise.all([a.leave(), a.leave()]);
    await a.ended;
    await witness.settled({ b: 4 });
    await a.leave();
  });

  add("1: groups and datasets do not meet", async ({ dataset }, connect) => {
    const witnesses = [new Witness(), new Witness(), new Witness()] as const;
    const [one, other] = [await dataset(2), await dataset(3)];
    const group = connect();
    await group.join(one, "speed", witnesses[0].member("a"));
    await group.join(one, "archive", witnesses[1].member("b"));
    await group.join(other, "speed", witnesses[2].member("c"));
    expectEqual(
      witnesses.map((w) => w.counts()),
      [{ a: 2 }, { b: 2 }, { c: 3 }],
    );
  });

  add("8: a callback that throws ends the membership", async ({ dataset }, connect) => {
    const name = await dataset(2);
    const witness = new Witness();
    const failing: GroupMember = {
      onAssigned: async () => {
        throw new RangeError("no room");
      },
      onRevoked: async () => undefined,
    };
    const ended = await connect()
      .join(name, "speed", failing)
      .then((membership: Membership) => membership.ended)
      .catch((error: unknown) => error);
    expectTrue(ended instanceof RangeError, `it ended with ${ended}`);
    await connect().join(name, "speed", witness.member("b"));
    await witness.settled({ b: 2 });
  });
}
