// Conformance suite of the DeadLetters port: anyone's adapter can be put through it. The numbers are
// those of the contract lines in ports/dead-letters.ts.
import type { Clock } from "../../ports/clock.ts";
import type {
  DeadLetter,
  DeadLetterLimits,
  DeadLetters,
  RejectedEvent,
} from "../../ports/dead-letters.ts";
import { type EpochMs, epochMs } from "../../time/epoch-ms.ts";
import { expectEqual, expectTrue, type TestFunction } from "../expect.ts";

export interface DeadLettersSuite {
  readonly test: TestFunction;
  /** A store with nothing in it; `reopen` closes it and gives one over the same place. */
  readonly open: (limits: DeadLetterLimits, clock: Clock) => Promise<OpenDeadLetters>;
}

export interface OpenDeadLetters {
  readonly store: DeadLetters;
  /** Absent where the adapter keeps nothing beyond the process. */
  readonly reopen?: () => Promise<DeadLetters>;
}

const START = epochMs(1_570_000_000_000);
const ROOMY: DeadLetterLimits = { totalBytes: 1_000_000, entryBytes: 1000, retentionMs: 10_000 };

export function deadLettersSuite({ test, open }: DeadLettersSuite): void {
  test("dead letters 1: ids grow in the order of adding, across a reopening too", async () => {
    const { store, reopen } = await open(ROOMY, clockAt(START));
    await Promise.all([store.add([event("a"), event("b")]), store.add([event("c")])]);
    const again = reopen === undefined ? store : await reopen();
    await again.add([event("d")]);
    const listed = await again.list({ limit: 10 });
    expectEqual(listed.map(text), ["a", "b", "c", "d"]);
    const ids = listed.map((e) => e.id);
    expectEqual(ids, [...new Set(ids)].sort());
    await again.close();
  });

  test("dead letters 2: a long event is cut and flagged, any other comes back byte for byte", async () => {
    const { store, reopen } = await open({ ...ROOMY, entryBytes: 8 }, clockAt(START));
    const long = Uint8Array.from({ length: 20 }, (_, i) => 0xf0 + (i % 16));
    const bom = Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x0a, 0x0d, 0x00);
    await store.add([event(long), event(bom), event("12345678"), event("")]);
    const again = reopen === undefined ? store : await reopen();
    const listed = await again.list({ limit: 10 });
    expectEqual(
      listed.map((e) => [...e.bytes]),
      [[...long.subarray(0, 8)], [...bom], [...utf8.encode("12345678")], []],
    );
    expectEqual(
      listed.map((e) => [e.eventBytes, e.truncated]),
      [
        [20, true],
        [7, false],
        [8, false],
        [0, false],
      ],
    );
    expectEqual(listed[0]?.problems, PROBLEMS);
    expectEqual(
      [listed[0]?.tenant, listed[0]?.reason, listed[0]?.receivedMs],
      ["acme", "not_json", START],
    );
    await again.close();
  });

  test("dead letters 3: the cap holds, the oldest go first and are counted, the newest stays", async () => {
    const limits = { totalBytes: 20_000, entryBytes: 500, retentionMs: 10_000 };
    const { store, reopen } = await open(limits, clockAt(START));
    const total = 300;
    for (let i = 0; i < total; i += 3) {
      await store.add([0, 1, 2].map((k) => event(`${i + k}`.padEnd(1 + ((i * 37) % 600), "."))));
      const { sizeBytes } = await store.count();
      expectTrue(sizeBytes <= limits.totalBytes, `${sizeBytes} bytes stored`);
    }
    const before = await store.count();
    expectTrue(before.dropped > 0, "nothing was dropped: the trial proves nothing");
    expectEqual(before.entries + before.dropped, total);
    const kept = (await store.list({ limit: total })).map((e) => Number.parseInt(text(e), 10));
    expectEqual(
      kept,
      Array.from({ length: before.entries }, (_, i) => total - before.entries + i),
    );
    if (reopen !== undefined) {
      const again = await reopen();
      expectEqual((await again.count()).entries, before.entries);
      await again.close();
    } else await store.close();
  });

  test("dead letters 4: after the retention an entry is gone", async () => {
    const clock = clockAt(START);
    const { store } = await open(ROOMY, clock);
    await store.add([event("old", START)]);
    clock.set(epochMs(START + 9999));
    await store.add([event("young", epochMs(START + 9999))]);
    expectEqual((await store.list({ limit: 10 })).map(text), ["old", "young"]);
    clock.set(epochMs(START + 10_000));
    expectEqual((await store.list({ limit: 10 })).map(text), ["young"]);
    expectEqual((await store.count()).entries, 1);
    clock.set(epochMs(START + 19_999));
    expectEqual(await store.list({ limit: 10 }), []);
    const { entries, sizeBytes, dropped } = await store.count();
    expectEqual([entries, sizeBytes, dropped], [0, 0, 0]);
    await store.close();
  });

  test("dead letters 5: pages tile, a tenant sees its own only", async () => {
    const { store } = await open(ROOMY, clockAt(START));
    for (let i = 0; i < 20; i++) {
      await store.add([event(`${i}`, START, i % 3 === 0 ? "acme" : "other")]);
    }
    for (const tenant of [undefined, "acme", "other", "nobody"]) {
      const of = tenant === undefined ? {} : { tenant };
      const whole = (await store.list({ ...of, limit: 100 })).map(text);
      const pages: string[] = [];
      let after: string | undefined;
      for (;;) {
        const page = await store.list({
          ...of,
          limit: 3,
          ...(after === undefined ? {} : { after }),
        });
        expectTrue(page.length <= 3, "a page longer than its limit");
        pages.push(...page.map(text));
        after = page.at(-1)?.id;
        if (after === undefined) break;
      }
      expectEqual(pages, whole);
      expectEqual(whole.length, { acme: 7, other: 13, nobody: 0 }[tenant ?? ""] ?? 20);
    }
    await store.close();
  });

  test("dead letters 2: what the caller does with its buffer later changes nothing", async () => {
    const { store } = await open(ROOMY, clockAt(START));
    const bytes = utf8.encode("as sent");
    await store.add([event(bytes)]);
    bytes.fill(0);
    expectEqual((await store.list({ limit: 1 })).map(text), ["as sent"]);
    await store.close();
  });
}

const utf8 = new TextEncoder();
const PROBLEMS = [
  { reason: "not_json", path: "", expected: "JSON", got: "“” \u0000 \n text" },
] as const;

function event(
  content: string | Uint8Array,
  receivedMs: EpochMs = START,
  tenant = "acme",
): RejectedEvent {
  const bytes = typeof content === "string" ? utf8.encode(content) : content;
  return { tenant, receivedMs, reason: "not_json", problems: PROBLEMS, bytes };
}

const text = (e: DeadLetter): string => new TextDecoder().decode(e.bytes);

function clockAt(start: EpochMs): Clock & { set(to: EpochMs): void } {
  let now = start;
  return {
    now: () => now,
    sleep: () => Promise.resolve(),
    set(to) {
      now = to;
    },
  };
}
