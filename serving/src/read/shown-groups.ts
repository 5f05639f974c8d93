// Which stored groups a question is about: those to read, those that have a point, and those that are merged into
// one before they are presented.
import { groupText, groupValues, OTHER_GROUP, TOTAL_GROUP } from "@tandem/shared-logic";
import type { Query } from "../query/query.ts";
import { holds, whereText } from "../query/where.ts";
import type { Union } from "./cell-query.ts";

/** The groups beyond a limit, together. Never the text of a group. */
export const REST_GROUP = "(rest)";

export interface Shown {
  /** Groups to read; undefined: all. */
  readonly read: readonly string[] | undefined;
  /** Groups that have a point, seen or not; undefined: those seen. */
  readonly shown: readonly string[] | undefined;
  readonly shows: (group: string) => boolean;
  readonly union?: Union;
}

const dimsKept = (query: Query): readonly string[] => query.metric.sets[query.set] ?? [];

/** A condition on dimensions that are not grouped by merges what it lets through. */
const merges = (query: Query): boolean =>
  query.filter !== undefined && dimsKept(query).some((dim) => !query.by.includes(dim));

/** The dimensions whose values a shown group's text holds. */
export const dimsShown = (query: Query): readonly string[] =>
  merges(query) ? query.by : dimsKept(query);

/** Whether a stored group is what `where` asks for; undefined of `(other)`, as nobody knows. */
function asksFor(query: Query): (group: string) => boolean | undefined {
  const dims = dimsKept(query);
  const { filter } = query;
  const fixed = [...query.where].map(([dim, value]) => [dims.indexOf(dim), value] as const);
  return (group) => {
    const values = groupValues(group);
    if (!values) return undefined;
    if (filter) return holds(filter, (dim) => values[dims.indexOf(dim)] ?? null);
    return fixed.every(([at, value]) => values[at] === value);
  };
}

/** Without `by` there is one group; what `where` fixes fully is read alone. */
export function shownGroups(query: Query): Shown {
  const dims = dimsKept(query);
  if (dims.every((dim) => query.where.has(dim))) {
    const group = groupText(dims.map((dim) => query.where.get(dim) ?? null));
    const read = dims.length === 0 ? undefined : [group, OTHER_GROUP];
    return { read, shown: [group], shows: (g) => g === group };
  }
  const asked = asksFor(query);
  if (merges(query)) {
    const whole = query.by.length === 0;
    return {
      read: undefined,
      shown: whole ? [TOTAL_GROUP] : undefined,
      shows: (group) => group !== OTHER_GROUP,
      union: mergedBy(query, asked),
    };
  }
  if (query.where.size === 0 && !query.filter)
    return { read: undefined, shown: undefined, shows: () => true };
  return { read: undefined, shown: undefined, shows: (group) => asked(group) === true };
}

function mergedBy(query: Query, asked: (group: string) => boolean | undefined): Union {
  const dims = dimsKept(query);
  const at = query.by.map((dim) => dims.indexOf(dim));
  const text = JSON.stringify([
    query.filter ? whereText(query.filter) : [...query.where],
    query.by,
  ]);
  return {
    text,
    merges: true,
    of(group) {
      const values = groupValues(group);
      if (!values) return OTHER_GROUP;
      return asked(group) ? groupText(at.map((i) => values[i] ?? null)) : undefined;
    },
  };
}

/** How a breakdown's total is asked for; undefined where nothing that is kept says it. */
export function totalOf(
  query: Query,
): { readonly query: Query; readonly shown: Shown } | undefined {
  const { limit: _l, order: _o, ...rest } = query;
  const plain = { ...rest, by: [] };
  const { metric, where, filter } = query;
  if (!filter) {
    const set = metric.sets.findIndex(
      (s) => s.length === where.size && s.every((d) => where.has(d)),
    );
    if (set >= 0) {
      const total = { ...plain, set };
      return { query: total, shown: shownGroups(total) };
    }
  }
  if (metric.reducer.inside) return undefined;
  return {
    query: plain,
    shown: {
      read: undefined,
      shown: [TOTAL_GROUP],
      shows: (group) => group !== OTHER_GROUP,
      union: mergedBy(plain, asksFor(query)),
    },
  };
}

/** The first groups as they are, all others that were asked for as one. */
export function cutBy(query: Query, shown: Shown, first: ReadonlySet<string>): Shown["union"] {
  const { union } = shown;
  const asked = union ? undefined : asksFor(query);
  return {
    text: "",
    merges: false,
    of(group) {
      if (group === OTHER_GROUP) return group;
      const own = union ? union.of(group) : asked?.(group) ? group : undefined;
      return own === undefined || first.has(own) ? own : REST_GROUP;
    },
  };
}
