// Conformance suite of the CheckpointStore port: anyone's adapter can be put through it. The numbers in
// the test names are those of the contract lines in ports/checkpoint-store.ts.
import type { CheckpointStore } from "../../ports/checkpoint-store.ts";
import { expectEqual, expectTrue, type TestFunction } from "../expect.ts";

export interface CheckpointStoreSuite {
  readonly test: TestFunction;
  /** An empty store. */
  readonly open: () => Promise<OpenCheckpointStore>;
}

export interface OpenCheckpointStore {
  readonly store: CheckpointStore;
  /** What the next process finds; absent where nothing outlives this one. */
  readonly reopen?: () => Promise<CheckpointStore>;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export function checkpointStoreSuite({ test, open }: CheckpointStoreSuite): void {
  const add = (name: string, body: (opened: OpenCheckpointStore) => Promise<void>) => {
    test(`checkpoint store ${name}`, async () => body(await open()));
  };

  add(
    "1: a name holds its last bytes, whole, also after a reopening",
    async ({ store, reopen }) => {
      const large = Uint8Array.from({ length: 200_000 }, (_, i) => i * 7);
      const sent = large.slice();
      await store.put("speed/events/0", sent);
      sent.fill(0);
      expectEqual(await store.get("speed/events/0"), large);
      for (const text of ["longer than what follows", "short", ""]) {
        await store.put("speed/events/0", bytesOf(text));
        expectEqual(await store.get("speed/events/0"), bytesOf(text));
      }
      await store.put("speed/events/1", large);
      const again = (await reopen?.()) ?? store;
      expectEqual(await again.get("speed/events/0"), bytesOf(""));
      expectEqual(await again.get("speed/events/1"), large);
    },
  );

  add("1: readers meanwhile see old bytes or new ones, never a mixture", async ({ store }) => {
    const fills = [1, 2, 3, 4, 5, 6].map((n) => new Uint8Array(20_000 * n).fill(n));
    await store.put("one", fills[0] ?? bytesOf(""));
    let writing = true;
    const writer = (async () => {
      for (const bytes of fills) await store.put("one", bytes);
      writing = false;
    })();
    let reads = 0;
    do {
      const bytes = await store.get("one");
      const n = bytes?.[0] ?? 0;
      expectTrue(bytes?.length === 20_000 * n && bytes.every((b) => b === n), "a mixture");
      reads++;
    } while (writing);
    await writer;
    expectTrue(reads > 0, "nothing was read");
    await Promise.all(fills.map((bytes) => store.put("two", bytes)));
    const last = await store.get("two");
    expectTrue(
      fills.some((bytes) => bytes.length === last?.length),
      "not what anybody put",
    );
  });

  add("2: an absent name is undefined", async ({ store }) => {
    expectEqual(await store.get("none"), undefined);
    expectEqual(await store.get("none/at/all"), undefined);
  });

  add("3: list gives the names below a prefix in byte order", async ({ store }) => {
    const names = ["a-b", "a.b", "a/b", "a/c/d", "a/c.d", "a0", "b/2", "b/10", "c@1=x"];
    for (const name of [...names].reverse()) await store.put(name, bytesOf(name));
    for (const prefix of ["", "a", "a/", "a/c", "b/1", "none"]) {
      const expected = names.filter((n) => n.startsWith(prefix)).sort();
      expectEqual(await store.list(prefix), expected, `below ${prefix}`);
    }
  });

  add("4: a removed name is absent, and removing it again succeeds", async ({ store, reopen }) => {
    await store.put("gone/soon", bytesOf("1"));
    await store.put("stays", bytesOf("2"));
    await store.remove("gone/soon");
    await store.remove("gone/soon");
    await store.remove("never/was");
    const again = (await reopen?.()) ?? store;
    expectEqual(await again.get("gone/soon"), undefined);
    expectEqual(await again.list(""), ["stays"]);
  });
}
