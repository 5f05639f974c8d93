// Conformance suite of the ObjectStore port: anyone's adapter can be put through it. The numbers in the
// test names are those of the contract lines in ports/object-store.ts.
import { TandemError } from "../../errors.ts";
import type { ObjectStore, StoredObject } from "../../ports/object-store.ts";
import { expectEqual, type TestFunction } from "../expect.ts";

export interface ObjectStoreSuite {
  readonly test: TestFunction;
  /** An empty store. */
  readonly open: () => Promise<OpenObjectStore>;
}

export interface OpenObjectStore {
  readonly store: ObjectStore;
  /** A second view of the same objects, as another process has; absent where there is none. */
  readonly another?: () => Promise<ObjectStore>;
}

const utf8 = new TextEncoder();

export function objectStoreSuite({ test, open }: ObjectStoreSuite): void {
  const add = (name: string, body: (opened: OpenObjectStore) => Promise<void>) => {
    test(`object store ${name}`, async () => {
      const opened = await open();
      try {
        await body(opened);
      } finally {
        await opened.store.close();
      }
    });
  };

  add("1: an object is stored once and never changed", async ({ store }) => {
    const key = "archive/events/0/day=2019-10-01/a_b@c-1.parquet";
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * 31);
    const sent = bytes.slice();
    expectEqual(await store.putIfAbsent(key, sent), "created");
    sent.fill(0);
    expectEqual(await store.putIfAbsent(key, bytes), "exists");
    for (const other of [bytes.subarray(1), bytes.slice().fill(7, 5, 6), new Uint8Array(0)]) {
      expectEqual(await codeOf(store.putIfAbsent(key, other)), "object_conflict");
    }
    expectEqual(await store.get(key), bytes);
    expectEqual(await store.putIfAbsent("empty", new Uint8Array(0)), "created");
    expectEqual(await store.get("empty"), new Uint8Array(0));
  });

  add(
    "1: of many who put at once one creates it, the others see the same bytes",
    async (opened) => {
      const stores = [opened.store, (await opened.another?.()) ?? opened.store];
      const put = (i: number, text: string) =>
        stores[i % 2]?.putIfAbsent("race/one", utf8.encode(text)) ?? Promise.reject();
      const same = await Promise.all(Array.from({ length: 10 }, (_, i) => put(i, "same")));
      expectEqual(same.filter((r) => r === "created").length, 1);
      const mixed = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          codeOf(stores[i % 2]?.putIfAbsent("race/two", utf8.encode(`${i}`)) ?? Promise.reject()),
        ),
      );
      expectEqual(mixed.filter((r) => r === "created").length, 1);
      expectEqual(mixed.filter((r) => r === "object_conflict").length, 9);
      const winner = mixed.indexOf("created");
      expectEqual(await opened.store.get("race/two"), utf8.encode(`${winner}`));
    },
  );

  add("2: what was put is seen at once, everywhere", async ({ store, another }) => {
    const other = (await another?.()) ?? store;
    for (let i = 0; i < 5; i++) {
      const bytes = utf8.encode(`object ${i}`);
      await store.putIfAbsent(`seen/${i}`, bytes);
      expectEqual(await other.get(`seen/${i}`), bytes);
      expectEqual(await other.getRange(`seen/${i}`, 7, 8), utf8.encode(`${i}`));
      expectEqual((await listed(other, "seen/")).length, i + 1);
    }
  });

  add(
    "3: absent keys are undefined, ranges are half-open and cut at the end",
    async ({ store }) => {
      expectEqual(await store.get("no/such/key"), undefined);
      expectEqual(await store.getRange("no/such/key", 0, 10), undefined);
      await store.putIfAbsent("letters", utf8.encode("abcdefghij"));
      const range = async (from: number, until: number) =>
        new TextDecoder().decode(await store.getRange("letters", from, until));
      expectEqual(await range(0, 10), "abcdefghij");
      expectEqual(await range(2, 5), "cde");
      expectEqual(await range(8, 1000), "ij");
      expectEqual(await range(4, 4), "");
      expectEqual(await range(10, 20), "");
      expectEqual(await range(50, 60), "");
    },
  );

  add("4: list gives the keys below a prefix in byte order, after a key", async ({ store }) => {
    // `-` and `.` sort before `/`, digits and letters after it.
    const keys = ["a-b", "a.b", "a/b", "a/c/d", "a/c.d", "a0", "aB", "b/1", "b/10", "b/2", "c=1/x"];
    for (const key of [...keys].reverse()) await store.putIfAbsent(key, utf8.encode(key));
    const sorted = [...keys].sort();
    expectEqual(
      await listed(store, ""),
      sorted.map((key) => ({ key, sizeBytes: key.length })),
    );
    for (const prefix of ["", "a", "a/", "a/c", "a/c/", "b/1", "c=1/", "x", "b/10"]) {
      const under = sorted.filter((k) => k.startsWith(prefix));
      expectEqual(await keysOf(store, prefix), under, `below ${prefix}`);
      for (const after of [...sorted, "a/", "a/b/c", "b/1/1", "zzz"]) {
        const expected = under.filter((k) => k > after);
        expectEqual(await keysOf(store, prefix, after), expected, `below ${prefix} after ${after}`);
      }
    }
  });

  add("5: a removed key is absent, and removing it again succeeds", async ({ store }) => {
    await store.putIfAbsent("gone/soon", utf8.encode("1"));
    await store.remove("gone/soon");
    await store.remove("gone/soon");
    await store.remove("never/was");
    expectEqual(await store.get("gone/soon"), undefined);
    expectEqual(await keysOf(store, ""), []);
    expectEqual(await store.putIfAbsent("gone/soon", utf8.encode("2")), "created");
  });
}

async function codeOf(call: Promise<string>): Promise<string> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof TandemError) return error.code;
    throw error;
  }
}

async function listed(store: ObjectStore, prefix: string, after?: string): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const { key, sizeBytes } of store.list(prefix, after)) found.push({ key, sizeBytes });
  return found;
}

const keysOf = async (store: ObjectStore, prefix: string, after?: string): Promise<string[]> =>
  (await listed(store, prefix, after)).map((o) => o.key);
