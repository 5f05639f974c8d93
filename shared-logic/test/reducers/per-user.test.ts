// perUser keeps the laws of its algebras and of its bridge byte for byte, its kernels are as good as
// appending one by one, its bytes are canonical, fixed for ever and refused when anything else.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Algebra } from "../../src/algebra/algebra.ts";
import { formatDecimal } from "../../src/algebra/decimal.ts";
import { genericKernel } from "../../src/algebra/generic-kernel.ts";
import type { Kernel } from "../../src/algebra/kernel.ts";
import type { Interner } from "../../src/events/interner.ts";
import { perUser } from "../../src/reducers/per-user.ts";
import { type SessionsOptions, sessions } from "../../src/reducers/sessions.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { DIMS, type UserEvent, userEvents, WINDOW } from "./user-events.ts";

const K = 5;
const reducerOf = (options: SessionsOptions = {}, sample = K, dims: readonly string[] = DIMS) => {
  const reducer = perUser(sessions(options), { sample });
  assert.ok(reducer.inside);
  return reducer.inside(dims);
};
const R = reducerOf();

const itemsOf = (events: readonly UserEvent[]) => {
  const columns = columnsOf(events);
  const item = R.items(columns);
  return events.map((_, row) => item(row) ?? null);
};
type Item = ReturnType<typeof itemsOf>[number];

function fold<S>(algebra: Algebra<Item, S>, events: readonly UserEvent[]): S {
  return itemsOf(events).reduce((s, x) => algebra.append(s, x), algebra.zero);
}
const same = <S>(algebra: Algebra<Item, S>, a: S, b: S) =>
  assert.deepEqual(algebra.encode(a), algebra.encode(b));

for (const [name, algebra] of [
  ["exact", R.exact as Algebra<Item, unknown>],
  ["sample", R.approx as Algebra<Item, unknown>],
] as const) {
  test(`${name}: plus is associative, commutative, idempotent; append is plus of one`, () => {
    fc.assert(
      fc.property(userEvents(40), userEvents(20), userEvents(10), (xs, ys, zs) => {
        const [a, b, c] = [fold(algebra, xs), fold(algebra, ys), fold(algebra, zs)];
        same(algebra, algebra.plus(a, algebra.plus(b, c)), algebra.plus(algebra.plus(a, b), c));
        same(algebra, algebra.plus(a, b), algebra.plus(b, a));
        same(algebra, algebra.plus(a, a), a);
        same(algebra, algebra.plus(algebra.zero, a), a);
        same(algebra, fold(algebra, [...zs, ...ys, ...xs]), algebra.plus(algebra.plus(a, b), c));
        for (const x of itemsOf(zs)) {
          same(algebra, algebra.append(a, x), algebra.plus(a, algebra.append(algebra.zero, x)));
        }
      }),
    );
  });

  test(`${name}: bytes come back and nothing else is taken`, () => {
    fc.assert(
      fc.property(userEvents(30), fc.nat(), fc.nat(7), (events, at, bit) => {
        const bytes = algebra.encode(fold(algebra, events));
        assert.deepEqual(algebra.encode(algebra.decode(bytes)), bytes);
        const damaged = bytes.slice();
        damaged[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
        let other: unknown;
        try {
          other = algebra.decode(damaged);
        } catch (error) {
          assert.match(
            String((error as { code?: string }).code),
            /^(corrupt_bytes|sketch_mismatch)$/,
          );
          return;
        }
        assert.deepEqual(algebra.encode(other), damaged);
      }),
      { numRuns: 400 },
    );
  });
}

test("approximating commutes with plus and with append", () => {
  fc.assert(
    fc.property(userEvents(40), userEvents(40), (xs, ys) => {
      const [a, b] = [fold(R.exact, xs), fold(R.exact, ys)];
      same(R.approx, R.toApprox(a), fold(R.approx, xs));
      same(R.approx, R.toApprox(R.exact.plus(a, b)), R.approx.plus(R.toApprox(a), R.toApprox(b)));
    }),
  );
});

test("a sample with room for every user shows the exact answer", () => {
  fc.assert(
    fc.property(userEvents(40), fc.constantFrom("started", "length"), (events, value) => {
      const wide = reducerOf({ value }, 1024);
      const context = { window: WINDOW, events: events.length };
      const [exact, approx] = [fold(wide.exact, events), fold(wide.approx, events)];
      const shown = wide.approx.present(approx, context);
      assert.deepEqual(shown, { ...wide.exact.present(exact, context), confidence: 0.99 });
      for (const dims of [[DIMS[0]], [DIMS[1], DIMS[0]]]) {
        const groups = wide.approx.presentBy?.(approx, context, dims);
        const truth = wide.exact.presentBy?.(exact, context, dims);
        assert.deepEqual(
          new Map([...(groups ?? [])].map(([g, e]) => [g, e.value])),
          new Map([...(truth ?? [])].map(([g, e]) => [g, e.value])),
        );
      }
    }),
  );
});

test("intervals are ordered, hold what the sample itself shows and no more than the events", () => {
  fc.assert(
    fc.property(userEvents(60), fc.constantFrom("started", "length"), (events, value) => {
      const r = reducerOf({ value });
      const context = { window: WINDOW, events: events.length };
      const state = fold(r.approx, events);
      const { value: v, low, high } = r.approx.present(state, context);
      if (v === null) return assert.equal(value, "length");
      assert.ok(low && high && low.units <= v.units && v.units <= high.units);
      if (value === "started") {
        assert.ok(high.units <= events.length);
        let seen = 0;
        for (const { state: own } of state.sample.kept)
          sessions().occurrences(own, WINDOW, () => seen++);
        assert.ok(low.units >= seen);
      }
    }),
  );
});

test("kernels encode exactly what appending one by one gives", () => {
  const slots = 3;
  for (const [name, fast, slow] of [
    ["exact", R.kernels?.exact, () => genericKernel(R.exact, R.items)],
    ["sample", R.kernels?.approx, () => genericKernel(R.approx, R.items)],
  ] as const) {
    assert.ok(fast);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(userEvents(40), fc.integer({ min: -1, max: slots - 1 }), fc.boolean()), {
          maxLength: 4,
        }),
        (batches) => {
          const kernels: Kernel[] = [fast(), slow()];
          for (const kernel of kernels) {
            kernel.grow(slots);
            const skipped = new Float64Array(slots);
            for (const [events, special, load] of batches) {
              const n = events.length;
              const rows = Uint32Array.from(events, (_, i) => n - 1 - i);
              const slotOf = Int32Array.from(events, (_, i) => (i * 7) % slots);
              const interners = new Map<string, Interner>();
              kernel.fold(columnsOf(events, { interners }), rows, slotOf, n, skipped);
              if (special >= 0 && load) kernel.load(special, kernel.encode(0));
              else if (special >= 0) kernel.clear(special);
            }
            assert.deepEqual([...skipped], [0, 0, 0], name);
          }
          for (let slot = 0; slot < slots; slot++) {
            assert.deepEqual(kernels[0]?.encode(slot), kernels[1]?.encode(slot), `${name} ${slot}`);
          }
        },
      ),
    );
  }
});

test("a kernel slot that was loaded or encoded does not share what it changes", () => {
  const kernel = R.kernels?.approx?.();
  assert.ok(kernel);
  kernel.grow(2);
  const one = (timestamp: number) =>
    columnsOf([{ user_id: "u", event_id: "e", timestamp, properties: {} }]);
  const fold = (timestamp: number, slot: number) =>
    kernel.fold(one(timestamp), Uint32Array.of(0), Int32Array.of(slot), 1, new Float64Array(2));
  fold(0, 0);
  const before = kernel.encode(0);
  kernel.load(1, before);
  fold(1000, 1);
  assert.deepEqual(kernel.encode(0), before);
  assert.notDeepEqual(kernel.encode(1), before);
});

test("states of other parameters refuse to merge", () => {
  const event = [
    { event_id: "e", event_type: "t", timestamp: 0, user_id: "u", properties: { country: null } },
  ];
  const others = [
    reducerOf({ gapMs: 1000 }),
    reducerOf({}, K + 1),
    reducerOf({}, K, ["event_type"]),
  ];
  for (const [i, other] of others.entries()) {
    const [a, b] = [fold(R.approx, event), fold(other.approx, event)];
    assert.throws(() => R.approx.plus(a, b), { code: "sketch_mismatch" });
    assert.throws(() => R.approx.decode(other.approx.encode(b)), { code: "sketch_mismatch" });
    if (i === 1) continue; // the exact state knows no sample size
    assert.throws(() => R.exact.plus(fold(R.exact, event), fold(other.exact, event)), {
      code: "sketch_mismatch",
    });
  }
  const length = reducerOf({ value: "length" });
  same(R.approx, R.approx.plus(fold(length.approx, event), R.approx.zero), fold(R.approx, event));
});

// Regenerate only with a line in CHANGELOG.md: stored states are read by this.
const GOLDEN_EVENTS: UserEvent[] = [
  ["ann", "e1", 1_569_888_000_000, "DE"],
  ["ann", "e2", 1_569_888_600_000, "US"],
  ["bob", "e3", 1_569_888_000_000, null],
  ["ann", "e4", 1_569_895_200_000, "US"],
  ["\u{1F600}", "e5", 1_569_888_000_123, "DE"],
  ["cy", "e6", 1_569_888_000_000, "FR"],
  ["dee", "e7", 1_569_888_000_000, "FR"],
].map(([user_id, event_id, timestamp, country]) => ({
  user_id: String(user_id),
  event_id: String(event_id),
  timestamp: Number(timestamp),
  event_type: "view",
  properties: { country: country === null ? null : String(country) },
}));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("the bytes are the ones they have always been", () => {
  const r = reducerOf({}, 4);
  const exact = fold(r.exact, GOLDEN_EVENTS);
  assert.equal(
    hex(r.exact.encode(exact)),
    "014d7b2264696d73223a5b226576656e745f74797065222c2270726f706572746965732e636f756e747279225d2c227368617065223a2273657373696f6e73206761704d733d31383030303030227d040244450246520255530476696577050475616e6e02000080dd49d87642c0cf240265310401fffba4020002653404030475626f6201000080dd49d876420002653304000375637901000080dd49d87642000265360402047564656501000080dd49d876420002653704020575f09f98800100b087dd49d87642000265350401",
  );
  assert.equal(
    hex(r.approx.encode(r.toApprox(exact))),
    "01587b2264696d73223a5b226576656e745f74797065222c2270726f706572746965732e636f756e747279225d2c2273616d706c65223a342c227368617065223a2273657373696f6e73206761704d733d31383030303030227d04024445024652025553047669657704ca469310bafffd2e01000080dd49d8764200026537040220e2102d76d37fd501000080dd49d87642000265360402938c4e429d90e5ae01000080dd49d87642000265330400c96596af7513381e02000080dd49d87642c0cf240265310401fffba40200026534040301834b77f90d37a53c",
  );
  assert.equal(
    formatDecimal(
      r.exact.present(exact, {
        window: { from: 1_569_888_000_000, until: 1_569_974_400_000 } as typeof WINDOW,
        events: 7,
      }).value ?? { units: -1n, scale: 0 },
    ),
    "6",
  );
});
