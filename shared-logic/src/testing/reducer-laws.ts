// The law suite of reducers: one named test per law, over seeded random items. A reducer that passes may
// be folded in any order, cut anywhere, approximated before or after merging, stored and read back. The
// laws themselves are plain boolean functions in testing/laws/.
import type { Algebra } from "../algebra/algebra.ts";
import { exactly } from "../algebra/estimate.ts";
import type { Reducer } from "../algebra/reducer.ts";
import { below, type Random, seededRandom } from "../ports/random.ts";
import { type LawOptions, type LawSetting, lawSetting } from "./law-options.ts";
import * as bridge from "./laws/bridge-laws.ts";
import * as codec from "./laws/codec-laws.ts";
import { appendAll, foldAnyhow, foldTree, sameState } from "./laws/fold-items.ts";
import { everyRowHasItem, kernelEqualsAppend } from "./laws/kernel-laws.ts";
import { largeItems } from "./laws/large-values.ts";
import * as monoid from "./laws/monoid-laws.ts";
import * as shown from "./laws/present-laws.ts";
import * as purity from "./laws/purity-laws.ts";

export interface LawSuite {
  test(name: string, fn: () => void): unknown;
}

/** A law of a reducer: true where it holds for what this trial drew. */
type Trial = (random: Random) => boolean;

/** Puts a reducer through all laws. Test names are `<kind>: <law>` and stay as they are. */
export function reducerLaws<I, E, A>(
  suite: LawSuite,
  reducer: Reducer<I, E, A>,
  options: LawOptions<I>,
): void {
  const s = lawSetting(options);
  const law = (name: string, trial: Trial, trials = s.trials) =>
    suite.test(`${reducer.spec.kind}: ${name}`, () => {
      for (const seed of s.seeds) {
        const random = seededRandom(seed);
        for (let n = 0; n < trials; n++) {
          if (!trial(random)) throw new Error(`"${name}" is broken: seed ${seed}, trial ${n}`);
        }
      }
    });
  algebraLaws("exact", reducer.exact, s, law);
  algebraLaws("approx", reducer.approx, s, law);
  bridgeLaws(reducer, s, law);
  valueLaws(reducer, s, law);
  kernelLaws(reducer, s, law);
  suite.test(`${reducer.spec.kind}: bounds hold as often as claimed`, () => {
    for (const size of s.bounds.sizes) boundsHold(reducer, s, size);
  });
  suite.test(`${reducer.spec.kind}: approx growth is bounded`, () => {
    const bytes = grownBytes(reducer.approx, s);
    if (bytes > s.growth.limitBytes) {
      throw new Error(`${s.growth.items} items take ${bytes} bytes, over ${s.growth.limitBytes}`);
    }
  });
}

type Law = (name: string, trial: Trial, trials?: number) => void;

function itemsOf<I>(s: LawSetting<I>, random: Random, most = s.size): I[] {
  return Array.from({ length: below(random, most + 1) }, () => s.items(random));
}

function algebraLaws<I, S>(side: string, A: Algebra<I, S>, s: LawSetting<I>, law: Law): void {
  const state = (r: Random): S => appendAll(A, itemsOf(s, r));
  law(`${side} plus is associative`, (r) => monoid.associative(A, state(r), state(r), state(r)));
  law(`${side} plus is commutative`, (r) => monoid.commutative(A, state(r), state(r)));
  law(`${side} zero is neutral`, (r) => monoid.zeroNeutral(A, state(r)));
  law(`${side} append is plus`, (r) => monoid.appendIsPlus(A, state(r), s.items(r)));
  law(`${side} bytes come back`, (r) => codec.roundTrips(A, state(r)));
  law(`${side} decoded states add alike`, (r) => codec.decodedAddsAlike(A, state(r), state(r)));
  law(`${side} bytes are canonical`, (r) => codec.canonical(A, itemsOf(s, r), r));
  law(`${side} refuses damaged bytes`, (r) => codec.refusesDamage(A, state(r), r));
  law(`${side} leaves its inputs alone`, (r) =>
    purity.leavesInputsAlone(A, state(r), state(r), s.items(r), s.context(s.size)),
  );
  law(`${side} shares no bytes`, (r) => purity.sharesNoBytes(A, state(r)));
  law(
    `${side} is deterministic`,
    (r) => {
      const items = itemsOf(s, r);
      return purity.repeatable(A, items, s.context(items.length), s.guard);
    },
    Math.min(3, s.trials),
  );
  law(`${side} shows the same however it was split`, (r) => {
    const items = itemsOf(s, r);
    return shown.splitsAlike(A, items, s.context(items.length), r);
  });
  law(`${side} shows low <= value <= high`, (r) => {
    const items = itemsOf(s, r);
    return shown.ordered(A.present(appendAll(A, items), s.context(items.length)));
  });
  if (A.presentBy === undefined) return;
  law(`${side} groups show the same however split`, (r) => {
    const items = itemsOf(s, r);
    if (s.dims === undefined) throw new TypeError("presentBy needs the option dims");
    return shown.groupsSplitAlike(A, items, s.context(items.length), s.dims, r);
  });
}

function bridgeLaws<I, E, A>(R: Reducer<I, E, A>, s: LawSetting<I>, law: Law): void {
  const state = (r: Random): E => appendAll(R.exact, itemsOf(s, r));
  law("toApprox keeps plus", (r) => bridge.bridgesPlus(R, state(r), state(r)));
  law("toApprox keeps append", (r) => bridge.bridgesAppend(R, s.items(r)));
  law("toApprox keeps zero", () => bridge.bridgesZero(R), 1);
  law("toApprox of a fold is the fold", (r) => bridge.bridgesItems(R, itemsOf(s, r)));
  law("toApprox leaves its input alone", (r) => {
    const exact = state(r);
    const before = R.exact.encode(exact);
    R.approx.encode(R.toApprox(purity.deepFreeze(exact)));
    return before.every((byte, i) => byte === R.exact.encode(exact)[i]);
  });
  if (R.additive)
    law("additive: both sides are one", (r) => bridge.additiveIsExact(R, itemsOf(s, r)));
}

function valueLaws<I, E, A>(R: Reducer<I, E, A>, s: LawSetting<I>, law: Law): void {
  const exact = (items: readonly I[]) =>
    R.exact.present(foldTree(R.exact, items), s.context(items.length));
  law("exact shows low = value = high", (r) => {
    const e = exact(itemsOf(s, r));
    return shown.sameEstimate(e, exactly(e.value));
  });
  const { truth } = s;
  if (truth) {
    law("exact shows the truth", (r) => {
      const items = itemsOf(s, r);
      return shown.sameEstimate(exact(items), exactly(truth(items)));
    });
  }
  if (R.monotone) {
    law("monotone: more events never lower the value", (r) => {
      const items = itemsOf(s, r);
      return shown.growsWith(exact(items), exact([...items, s.items(r)]));
    });
  }
  if (R.atMostEvents) {
    law("atMostEvents: no value above its events", (r) => {
      const items = itemsOf(s, r);
      const approx = R.approx.present(appendAll(R.approx, items), s.context(items.length));
      return shown.atMost(exact(items), items.length) && shown.atMost(approx, items.length);
    });
  }
  const large = largeItems(R) as I[];
  if (large.length > 0) {
    law("large values lose nothing in any order", (r) =>
      [R.exact, R.approx].every((A: Algebra<I, E> | Algebra<I, A>) =>
        anyOrder(A as Algebra<I, unknown>, large, r),
      ),
    );
  }
}

const anyOrder = <I, S>(A: Algebra<I, S>, items: readonly I[], random: Random): boolean =>
  sameState(A, appendAll(A, items), foldAnyhow(A, items, random));

function kernelLaws<I, E, A>(R: Reducer<I, E, A>, s: LawSetting<I>, law: Law): void {
  const { exact, approx } = R.kernels ?? {};
  const batches = (r: Random) => {
    const { events } = s;
    if (events === undefined) throw new TypeError("kernels need the option events");
    return Array.from({ length: 6 }, () =>
      Array.from({ length: below(r, 3 * s.size) }, () => events(r)),
    );
  };
  const trials = Math.min(10, s.trials);
  if (R.skipsNothing)
    law("skipsNothing: every row has an item", (r) =>
      everyRowHasItem((c) => R.items(c), batches(r)),
    );
  const slots = (r: Random) => (below(r, 3) === 0 ? 65 + below(r, 100) : 1 + below(r, 5));
  if (exact) {
    law(
      "exact kernel equals appending",
      (r) => kernelEqualsAppend(exact, R.exact, (c) => R.items(c), batches(r), slots(r), r),
      trials,
    );
  }
  if (approx) {
    law(
      "approx kernel equals appending",
      (r) => kernelEqualsAppend(approx, R.approx, (c) => R.items(c), batches(r), slots(r), r),
      trials,
    );
  }
}

/** Fails where the intervals of `size` random items miss the exact value more often than they may. */
function boundsHold<I, E, A>(R: Reducer<I, E, A>, s: LawSetting<I>, size: number): void {
  const trials = Math.max(1, s.bounds.trials);
  let [misses, confidence] = [0, 1];
  for (let n = 0; n < trials; n++) {
    const random = seededRandom((s.seeds[n % s.seeds.length] ?? 0) + 7919 * n);
    const items = Array.from({ length: size }, () => s.items(random));
    const context = s.context(items.length);
    const truth = R.exact.present(foldTree(R.exact, items), context).value;
    const estimate = R.approx.present(foldTree(R.approx, items), context);
    confidence = Math.min(confidence, estimate.confidence);
    if (!shown.ordered(estimate) || !shown.covers(estimate, truth)) misses++;
  }
  const allowed = shown.missesAllowed(trials, confidence);
  if (misses > allowed) {
    throw new Error(
      `${misses} of ${trials} intervals over ${size} items miss; ${allowed} may (${confidence})`,
    );
  }
}

function grownBytes<I, S>(A: Algebra<I, S>, s: LawSetting<I>): number {
  const random = seededRandom(s.seeds[0] ?? 1);
  const items = Array.from({ length: s.growth.items }, () => s.items(random));
  return A.encode(foldTree(A, items)).length;
}
