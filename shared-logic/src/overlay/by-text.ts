// The order of groups: by their text, `(other)` last.
import { OTHER_GROUP } from "../metrics/group.ts";

export function byText(a: string, b: string): number {
  if (a === OTHER_GROUP || b === OTHER_GROUP)
    return Number(a === OTHER_GROUP) - Number(b === OTHER_GROUP);
  return a < b ? -1 : 1;
}
