// What perUser takes of an event, off columns. An event without a user, or without a mark that the shape looks for,
// is null: it counts nowhere and is not skipped.
import type { EventColumns, FieldColumn } from "../events/event-columns.ts";
import { conditionMask } from "../fold/condition-mask.ts";
import type { Path } from "../metrics/selector.ts";
import type { PerUserItem, PerUserShape } from "./per-user-shape.ts";

type Conditions = Pick<PerUserShape<unknown>, "conditions" | "keepsUnmarked">;
type ItemOf = (row: number) => PerUserItem | null;

/** The marks of a row, -1 where it counts nowhere. */
function marksOf(
  { conditions = [], keepsUnmarked = conditions.length === 0 }: Conditions,
  columns: EventColumns,
): (row: number) => number {
  const masks = conditions.map((condition) => conditionMask(condition, columns));
  return (row) => {
    let marks = 0;
    for (let i = 0; i < masks.length; i++) marks |= (masks[i]?.[row] ?? 0) << i;
    return marks === 0 && !keepsUnmarked ? -1 : marks;
  };
}

/** Items that may be kept. */
export function itemsOf(shape: Conditions, columns: EventColumns, dims: readonly Path[]): ItemOf {
  const user = columns.field("user");
  const itemOf = rowItems(shape, columns, dims);
  return (row) => {
    const item = user.text(row) === undefined ? null : itemOf(row);
    if (item === null) return null;
    const { timeMs, eventId, marks } = item;
    return { user: item.user, timeMs, eventId, dims: item.dims, marks };
  };
}

interface ItemFields {
  readonly users: FieldColumn;
  readonly ids: FieldColumn;
  readonly dims: readonly FieldColumn[];
}

/** Texts are made where they are asked for: a shape needs few of them. */
class RowItem implements PerUserItem {
  readonly timeMs: number;
  readonly marks: number;
  private readonly fields: ItemFields;
  private readonly row: number;

  constructor(fields: ItemFields, row: number, timeMs: number, marks: number) {
    this.fields = fields;
    this.row = row;
    this.timeMs = timeMs;
    this.marks = marks;
  }
  get user(): string {
    return this.fields.users.text(this.row) ?? "";
  }
  get eventId(): string {
    return this.fields.ids.text(this.row) ?? "";
  }
  get dims(): readonly (string | null)[] {
    return this.fields.dims.map((field) => field.text(this.row) ?? null);
  }
}

/** Items of rows that have a user; good until the next batch of columns. */
export function rowItems(shape: Conditions, columns: EventColumns, dims: readonly Path[]): ItemOf {
  const marks = marksOf(shape, columns);
  const fields: ItemFields = {
    users: columns.field("user"),
    ids: columns.field("event_id"),
    dims: dims.map((dim) => columns.field(dim)),
  };
  return (row) => {
    const own = marks(row);
    return own < 0 ? null : new RowItem(fields, row, columns.timeMs[row]!, own);
  };
}
