// perUser: a metric made of what each user did (sessions, …). Exactly, it keeps every user's state; its
// approximate twin keeps a bottom-k sample of users with the same states, so one twin serves all shapes.
// Dimensions stand inside the state: only the total cell is stored, and presentBy groups it.
import type { Reducer } from "../algebra/reducer.ts";
import type { EventColumns } from "../events/event-columns.ts";
import { canonicalJson } from "../metrics/fingerprint-of.ts";
import { groupValues } from "../metrics/group.ts";
import { flag, type Path, text } from "../metrics/selector.ts";
import { hashOfUser, sampleOf } from "../sketches/user-sample.ts";
import type { StoredGrain } from "../time/calendar.ts";
import { encodedUsers } from "./per-user-encoded.ts";
import { type ExactUsers, exactUsers } from "./per-user-exact.ts";
import type { PerUserHeader } from "./per-user-header.ts";
import { itemsOf, rowItems } from "./per-user-items.ts";
import { exactKernel, sampleKernel } from "./per-user-kernels.ts";
import { type SampledUsers, sampledUsers } from "./per-user-sample.ts";
import type { PerUserItem, PerUserShape } from "./per-user-shape.ts";

export interface PerUserOptions {
  /** Users in the sample (k), 4 or more. An interval is about ± 2.6 / √k wide. Default 1,024. */
  readonly sample?: number;
  /** Finest first. Default hour and day. */
  readonly grains?: readonly StoredGrain[];
}

export type PerUserReducer<S> = Reducer<PerUserItem | null, ExactUsers<S>, SampledUsers<S>>;

export const DEFAULT_SAMPLE_USERS = 1024;
const FORMAT = 1;

export function perUser<S>(
  shape: PerUserShape<S>,
  options: PerUserOptions = {},
): PerUserReducer<S> {
  const { sample: k = DEFAULT_SAMPLE_USERS, grains = shape.grains ?? ["hour", "day"] } = options;
  if (!Number.isInteger(k) || k < 4)
    throw new RangeError(`perUser: a sample of ${k} users is no sample`);
  return withDims(shape, k, grains, []);
}

function withDims<S>(
  shape: PerUserShape<S>,
  k: number,
  grains: readonly StoredGrain[],
  inner: readonly Path[],
): PerUserReducer<S> {
  const { listed, everyWindow = false, conditions = [], keepsUnmarked = null } = shape;
  const dims = inner.filter((path) => path !== listed?.path);
  const header = (more: object): PerUserHeader => ({
    format: FORMAT,
    parameters: canonicalJson({ shape: shape.stateKey, dims, ...more }),
  });
  const exact = exactUsers(shape, dims, header({}));
  const sampleHeader = header({ sample: k });
  const approx = sampledUsers(shape, dims, k, sampleHeader);
  const encoded = encodedUsers(shape, dims, exact.zero.header, {
    k,
    header: sampleHeader,
    encode: approx.encode,
  });
  const items = (columns: EventColumns) => itemsOf(shape, columns, dims);
  const kernelItems = (columns: EventColumns) => rowItems(shape, columns, dims);
  const total = shape.answer.kind === "total";
  return {
    spec: { kind: "perUser", shape: shape.spec, sample: k },
    stateKey: `${sampleHeader.parameters} ${JSON.stringify([conditions, keepsUnmarked])}`,
    selects: [
      ...["user", "event_id", ...dims].map((path) => text(path)),
      ...conditions.map((condition) => flag(condition)),
    ],
    grains,
    additive: false,
    monotone: false,
    atMostEvents: total && !everyWindow,
    atLeastDays(by, group) {
      if (!total) return undefined;
      const at = listed === undefined ? -1 : by.indexOf(listed.path);
      const key = at < 0 ? listed?.headline : (groupValues(group)?.[at] ?? undefined);
      const bound = shape.atLeastDays ? shape.atLeastDays(key) : everyWindow ? undefined : "sum";
      // Under dimensions of its own a user may stand elsewhere in the longer window.
      return bound === "largest" && by.length > (at < 0 ? 0 : 1) ? undefined : bound;
    },
    reach: shape.reach,
    exact,
    approx,
    toApprox(state) {
      const users = Array.from(state.users, ([user, one]) => ({ ...hashOfUser(user), state: one }));
      return { header: sampleHeader, sample: sampleOf(users, k, shape.plus) };
    },
    ...(encoded ? { encoded } : {}),
    items,
    inside: (paths) => withDims(shape, k, grains, paths),
    ...(listed
      ? {
          lists: {
            path: listed.path,
            keys: listed.keys,
            ...(listed.labels ? { labels: listed.labels } : {}),
          },
        }
      : {}),
    kernels: {
      exact: () => exactKernel(shape, exact, kernelItems),
      approx: () => sampleKernel(shape, approx, kernelItems, { header: sampleHeader, k }),
    },
  };
}
