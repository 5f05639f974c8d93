// Who rows are of, as a slot of its own (body-columns.ts).
import { USER_ANONYMOUS, USER_ID, USER_NONE, userPrefix } from "./event-facts";
import { ABSENT, PLANE, PLANES, TEXT, USER_PREFIXES } from "./memory-layout";
import { copySlot, endOf, kindOf, slotCount, startOf } from "./region";

@inline
function hasText(slot: i32, row: i32): bool {
  return kindOf(slot, row) == TEXT && startOf(slot, row) < endOf(slot, row);
}

/** The text of `user`, else of `anonymous`, of rows 0 … count − 1 to the plane behind all slots; its prefix. */
export function users(count: i32, user: i32, anonymous: i32): void {
  const found = PLANES + slotCount * PLANE;
  for (let row = 0; row < count; row++) {
    const kind = hasText(user, row) ? USER_ID : hasText(anonymous, row) ? USER_ANONYMOUS : USER_NONE;
    copySlot(kind == USER_ANONYMOUS ? anonymous : user, found, row, kind == USER_NONE ? ABSENT : TEXT);
    store<u8>(USER_PREFIXES + row, kind == USER_NONE ? 0 : userPrefix(kind));
  }
}
