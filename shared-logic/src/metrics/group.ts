// A group: one combination of values of a grouping set's dimensions, as canonical text (a JSON array,
// values in the set's order, null where the event has none). The total is the empty group.

export const TOTAL_GROUP = "[]";
/** Where values beyond a grouping set's limit go. Never the text of a group. */
export const OTHER_GROUP = "(other)";

export const groupText = (values: readonly (string | null)[]): string => JSON.stringify(values);

/** The values of a group's text; undefined for OTHER_GROUP. */
export const groupValues = (group: string): readonly (string | null)[] | undefined =>
  group === OTHER_GROUP ? undefined : (JSON.parse(group) as (string | null)[]);
