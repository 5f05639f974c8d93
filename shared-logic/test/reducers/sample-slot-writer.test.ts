// A large sample that is written by what changed has the bytes of one that is written whole: whichever users are
// touched, come or are pushed out, whichever texts come and go, and whatever was forgotten in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter } from "../../src/codec/byte-writer.ts";
import { eventType } from "../../src/metrics/selector.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { funnel } from "../../src/reducers/funnel.ts";
import { perUser } from "../../src/reducers/per-user.ts";
import { sampledUsers } from "../../src/reducers/per-user-sample.ts";
import type { PerUserShape } from "../../src/reducers/per-user-shape.ts";
import { newUsers } from "../../src/reducers/retention.ts";
import { SampleSlotWriter } from "../../src/reducers/sample-slot-writer.ts";
import { sessions } from "../../src/reducers/sessions.ts";
import { timeBetween } from "../../src/reducers/time-between.ts";
import { hashOfUser } from "../../src/sketches/user-sample.ts";
import { UserSampleTable } from "../../src/sketches/user-sample-table.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { DAY_MS, MINUTE_MS } from "../../src/time/epoch-ms.ts";

const K = 40;
const DIMS = ["event_type", "properties.country"];
const steps = [eventType("a"), eventType("b")];
const SHAPES = {
  sessions: sessions() as PerUserShape<unknown>,
  funnel: funnel({ steps }) as PerUserShape<unknown>,
  newUsers: newUsers() as PerUserShape<unknown>,
  timeBetween: timeBetween() as PerUserShape<unknown>,
};

/** Of 200 users; a few countries that come and go beside two that stay. */
const drawn = (random: Random, count: number, round: number) =>
  Array.from({ length: count }, (_, i) => ({
    timestamp: round * 20 * MINUTE_MS + below(random, 90) * MINUTE_MS + below(random, 2) * DAY_MS,
    event_id: `e${round}-${i}`,
    event_type: ["a", "b", "c"][below(random, 3)],
    ...(below(random, 20) === 0 ? {} : { user_id: `u${below(random, 40 + 20 * round)}` }),
    properties: { country: below(random, 9) === 0 ? `x${below(random, 30)}` : "DE" },
  }));

for (const [name, shape] of Object.entries(SHAPES)) {
  test(`${name}: flush after flush has the bytes of appending`, () => {
    for (let seed = 0; seed < 6; seed++) {
      const random = seededRandom(seed);
      const reducer = perUser(shape, { sample: K }).inside?.(DIMS);
      assert.ok(reducer?.kernels?.approx);
      const { approx } = reducer;
      let kernel = reducer.kernels.approx();
      kernel.grow(2);
      const states = [approx.zero, approx.zero];
      const agree = (): void =>
        states.forEach((state, slot) => {
          assert.deepEqual(kernel.encode(slot), approx.encode(state), `seed ${seed}`);
        });
      for (let round = 0; round < 9; round++) {
        const count = [150, 1, 3, 30][below(random, 4)] ?? 1;
        const columns = columnsOf(drawn(random, count, round));
        const slots = Int32Array.from({ length: count }, () => below(random, 2));
        const rows = Uint32Array.from(slots, (_, i) => i);
        kernel.fold(columns, rows, slots, count, new Float64Array(2));
        const itemOf = reducer.items(columns);
        slots.forEach((slot, row) => {
          states[slot] = approx.append(states[slot] ?? approx.zero, itemOf(row) ?? null);
        });
        agree();
        agree();
        const turn = below(random, 8);
        if (turn === 0) {
          kernel.clear(1);
          states[1] = approx.zero;
        } else if (turn === 1) kernel.load(1, kernel.encode(0));
        if (turn === 1) states[1] = states[0] ?? approx.zero;
        if (turn === 2) {
          const before = kernel;
          kernel = reducer.kernels.approx();
          kernel.grow(2);
          for (const slot of [0, 1]) kernel.load(slot, before.encode(slot));
        }
        agree();
      }
    }
  });
}

test("what is forgotten is written whole again", () => {
  const header = { format: 1, parameters: "p" };
  const shape = sessions();
  const algebra = sampledUsers(shape, [], K, header);
  for (const mostBytes of [0, 4000, 1_000_000]) {
    const random = seededRandom(mostBytes);
    const writer = new SampleSlotWriter(shape, header, mostBytes);
    const tables = Array.from({ length: 5 }, () => new UserSampleTable<never>(K) as never);
    for (let round = 0; round < 200; round++) {
      const slot = below(random, tables.length);
      const table = tables[slot]! as UserSampleTable<ReturnType<typeof shape.one>>;
      for (let i = below(random, 40); i > 0; i--) {
        const user = `u${below(random, 300)}`;
        const { hi, lo } = hashOfUser(user);
        if (!table.admits(hi, lo)) continue;
        const timeMs = below(random, 1000) * MINUTE_MS;
        const one = shape.one({ user, timeMs, eventId: `${timeMs}`, dims: [], marks: 0 });
        const own = table.states[table.entryOf(hi, lo)];
        table.set(hi, lo, own === undefined ? one : shape.plus(own, one));
      }
      const out = new ByteWriter();
      out.text("before");
      writer.write(out, slot, table);
      const wanted = new ByteWriter().text("before");
      wanted.raw(algebra.encode({ header, sample: table.sample() }));
      assert.deepEqual(out.done(), wanted.done());
    }
  }
});
