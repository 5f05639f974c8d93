// An object's bodies cut at their scalars: what each scalar is (a mark, or a value with quotes or without),
// all rows one behind the other; and the values, group by group.
import {
  MARK_EVENT_ID,
  MARK_EVENT_TYPE,
  MARK_SENT_EPOCH,
  MARK_SENT_MILLIS,
  MARK_SENT_SECONDS,
  MARK_SESSION,
  MARK_TENANT,
  MARK_USER,
} from "./marks.ts";
import type { OwnTexts } from "./own-texts.ts";
import { ScalarValues } from "./scalar-values.ts";
import { NO_SKELETON, Skeletons } from "./skeletons.ts";

/** States of a scalar besides its mark. */
export const BARE = 0;
export const QUOTED = 9;
export const STATES = 10;

export const QUOTE = 0x22;
/** Most bodies have fewer scalars; the room grows where they have more. */
const SCALARS_A_ROW = 12;

/** The own columns that a value behind a key may be equal to. */
const CANDIDATES = new Map<string, readonly number[]>([
  ["event_id", [MARK_EVENT_ID]],
  ["event_type", [MARK_EVENT_TYPE]],
  ["user_id", [MARK_USER]],
  ["anonymous_id", [MARK_USER]],
  ["session_id", [MARK_SESSION]],
  ["tenant_id", [MARK_TENANT]],
  ["tenant", [MARK_TENANT]],
  ["timestamp", [MARK_SENT_MILLIS, MARK_SENT_SECONDS, MARK_SENT_EPOCH]],
]);
const NO_CANDIDATES: readonly number[] = [];

export class CutBodies {
  readonly skeletons = new Skeletons();
  /** NO_SKELETON for a row that was not cut. */
  readonly skeletonOf: Int32Array;
  /** By group. */
  readonly values: ScalarValues[] = [];
  /** By scalar: a mark, BARE or QUOTED. */
  states: Uint8Array<ArrayBuffer>;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly own: OwnTexts;
  private readonly candidates: (readonly number[])[] = [];
  private count = 0;

  constructor(bytes: Uint8Array, rows: number, own: OwnTexts) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.own = own;
    this.skeletonOf = new Int32Array(rows).fill(NO_SKELETON);
    this.states = new Uint8Array(rows * SCALARS_A_ROW);
  }

  /** Once more, for who wants to see where the scalars of a row stand. */
  again(start: number, end: number): Skeletons {
    this.skeletons.cut(this.bytes, this.view, start, end);
    return this.skeletons;
  }

  /** Rows in ascending order. */
  cut(row: number, start: number, end: number): void {
    const { skeletons } = this;
    const skeleton = skeletons.cut(this.bytes, this.view, start, end);
    this.skeletonOf[row] = skeleton;
    if (skeleton === NO_SKELETON) return;
    const groups = skeletons.groupsOf[skeleton]!;
    if (skeletons.groups.length > this.values.length) this.addGroups();
    if (this.count + groups.length > this.states.length) this.widen(groups.length);
    this.take(row, groups);
  }

  private take(row: number, groups: Int32Array): void {
    const { bytes, states, candidates, own, values } = this;
    const { starts, ends } = this.skeletons;
    let at = this.count;
    for (let k = 0; k < groups.length; k++, at++) {
      const group = groups[k]!;
      const isText = bytes[starts[k]!] === QUOTE;
      const from = isText ? starts[k]! + 1 : starts[k]!;
      const until = isText ? ends[k]! - 1 : ends[k]!;
      const marks = candidates[group]!;
      const mark = marks.length === 0 ? 0 : own.markOf(marks, isText, row, bytes, from, until);
      states[at] = mark === 0 && isText ? QUOTED : mark;
      if (mark === 0) values[group]!.add(row, from, until);
    }
    this.count = at;
  }

  private addGroups(): void {
    for (const { key } of this.skeletons.groups.slice(this.values.length)) {
      this.values.push(new ScalarValues());
      this.candidates.push(CANDIDATES.get(key) ?? NO_CANDIDATES);
    }
  }

  private widen(more: number): void {
    const room = Math.max(this.count + more, 2 * this.states.length);
    const { states } = this;
    this.states = new Uint8Array(room);
    this.states.set(states);
  }
}
