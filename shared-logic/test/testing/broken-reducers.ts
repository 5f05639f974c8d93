// Reducers that are wrong in one way each, and the laws that must find them: the lawful one with another approximate
// side, bridge, kernel or claim; and those whose exact side is broken.
import { exactly } from "../../src/algebra/estimate.ts";
import { genericKernel } from "../../src/algebra/generic-kernel.ts";
import { brokenAlgebras } from "./broken-algebras.ts";
import {
  algebra,
  encode,
  lawfulItems,
  type NumbersReducer,
  price,
  ranged,
  reducer,
} from "./lawful-reducer.ts";

/** By the law that must find it (a part of its name): the reducer. */
export const broken: readonly (readonly [law: string, reducer: NumbersReducer])[] = [
  ...brokenAlgebras,
  [
    "toApprox keeps plus",
    reducer("capped bridge", algebra, {
      toApprox: (s) => ({ ...s, total: Math.min(s.total, 1000) }),
    }),
  ],
  [
    "toApprox keeps append",
    reducer("bridge of another item", algebra, {
      approx: { ...algebra, append: (s, x) => algebra.append(s, x + 1) },
    }),
  ],
  [
    "bounds hold as often as claimed",
    reducer(
      "lying interval",
      { ...algebra, present: ({ total }) => exactly({ units: BigInt(total), scale: 0 }) },
      {
        approx: { ...algebra, present: ({ total }) => ranged(Math.round(total / 50) * 50, 20) },
      },
    ),
  ],
  [
    "large values lose nothing in any order",
    reducer("float sum", { ...algebra, present: () => exactly(null) }, { selects: [price] }),
  ],
  ["monotone", reducer("falls", algebra, { monotone: true })],
  ["skipsNothing", reducer("skips all the same", algebra, { skipsNothing: true })],
  ["atMostEvents", reducer("above its events", algebra, { atMostEvents: true })],
  [
    "additive",
    reducer("two sides", algebra, {
      approx: { ...algebra, encode: (s) => encode({ ...s, seen: [1] }) },
    }),
  ],
  [
    "exact kernel equals appending",
    reducer("kernel that skips silently", algebra, {
      kernels: {
        exact: () => {
          const kernel = genericKernel(algebra, lawfulItems);
          return {
            ...kernel,
            fold: (columns, rows, slots, n) =>
              kernel.fold(columns, rows, slots, n, new Float64Array(slots.length)),
          };
        },
      },
    }),
  ],
  [
    "exact kernel equals appending",
    reducer("kernel that does not clear", algebra, {
      kernels: {
        exact: () => ({ ...genericKernel(algebra, lawfulItems), clear: () => undefined }),
      },
    }),
  ],
  [
    "approx shows the same however it was split",
    reducer("order-dependent estimate", algebra, {
      approx: {
        ...algebra,
        append: (s, x) => ({ total: s.total * 0.9 + x, count: s.count + 1, seen: [] }),
        present: ({ total }) => ranged(Math.round(total * 1000), 1),
      },
    }),
  ],
  [
    "toApprox keeps zero",
    reducer("bridge that makes something of nothing", algebra, {
      toApprox: (s) => (s.count === 0 ? { total: 1, count: 1, seen: [] } : s),
    }),
  ],
  [
    "toApprox leaves its input alone",
    reducer("mutating bridge", algebra, {
      toApprox: (s) => Object.assign(s, { total: Math.round(s.total) }),
    }),
  ],
  [
    "approx shows low <= value <= high",
    reducer("sure of an interval", algebra, {
      approx: { ...algebra, present: ({ total }) => ({ ...ranged(total, 1), confidence: 1 }) },
    }),
  ],
  [
    "approx bytes come back",
    reducer("lossy codec", algebra, {
      approx: {
        ...algebra,
        encode: (s) => encode({ ...s, total: Math.fround(s.total / 3) }),
      },
    }),
  ],
  [
    "exact kernel equals appending",
    reducer("kernel that forgets what it loads", algebra, {
      kernels: {
        exact: () => ({ ...genericKernel(algebra, lawfulItems), load: () => undefined }),
      },
    }),
  ],
];
