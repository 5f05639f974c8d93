// A metric's fingerprint: a hash of what moves its numbers (selectors, filter, reducer and its
// parameters, grains, grouping sets, limit, name, version) and of nothing that is words.
import type { AnyReducer, Json } from "../algebra/reducer.ts";
import { murmur3Hex } from "../hash/murmur3.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { Condition, Path } from "./selector.ts";

export interface Fingerprinted {
  readonly name: string;
  readonly version: number;
  readonly dataset: string;
  readonly where: Condition | undefined;
  readonly reducer: AnyReducer;
  readonly sets: readonly (readonly Path[])[];
  readonly limit: number;
}

/** JSON with keys in order, so that equal data has equal text. */
export function canonicalJson(value: Json | undefined): string {
  if (value === undefined) return "null";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(",")}]`;
  const object = value as { readonly [key: string]: Json };
  const keys = Object.keys(object).sort();
  return `{${keys.map((k) => `${JSON.stringify(k)}:${canonicalJson(object[k])}`).join(",")}}`;
}

export function fingerprintOf(m: Fingerprinted): Fingerprint {
  const data = canonicalJson({
    version: m.version,
    dataset: m.dataset,
    where: (m.where ?? null) as unknown as Json,
    reducer: m.reducer.spec,
    selects: m.reducer.selects as unknown as Json,
    grains: m.reducer.grains,
    sets: m.sets,
    limit: m.limit,
  });
  return `${m.name}@${m.version}-${murmur3Hex(data)}` as Fingerprint;
}
