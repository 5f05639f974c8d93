// Which groups of one grouping set are kept: the first `limit` values of a tenant and day, in the order
// of the log, others fold into OTHER_GROUP. Values that are not kept leave no trace, so that memory
// stays flat under a million distinct values. A function of the rows seen since `reset`.
import type { FieldColumn } from "../events/event-columns.ts";
import type { Interner } from "../events/interner.ts";
import { groupText, OTHER_GROUP } from "../metrics/group.ts";
import { PairTable } from "./pair-table.ts";

const NULL_VALUE = 0;
const UNKNOWN = -1;

/** The kept values of one dimension, as small numbers; 0 is "the event has none". */
class Dimension {
  private readonly texts: string[] = [""];
  private readonly ids = new Map<string, number>();
  /** By code of the batch's interner. */
  private cache = new Int32Array(256).fill(UNKNOWN);
  private generation = -1;
  private interner: Interner | undefined;
  private codes: Int32Array = new Int32Array(0);

  /** Takes the column of the next batch. */
  begin(column: FieldColumn): void {
    this.codes = column.codes();
    const { interner } = column;
    if (this.interner !== interner || this.generation !== interner.generation) {
      this.interner = interner;
      this.generation = interner.generation;
      this.cache.fill(UNKNOWN);
    }
    if (interner.size > this.cache.length) {
      const wider = new Int32Array(Math.max(interner.size, this.cache.length * 2)).fill(UNKNOWN);
      wider.set(this.cache);
      this.cache = wider;
    }
  }

  /** The id of a row's value, or UNKNOWN where it was never kept. */
  lookup(row: number): number {
    const code = this.codes[row]!;
    if (code < 0) return NULL_VALUE;
    const cached = this.cache[code]!;
    return cached !== UNKNOWN ? cached : this.find(code);
  }

  private find(code: number): number {
    if (this.ids.size === 0 || !this.interner) return UNKNOWN;
    const id = this.ids.get(this.interner.text(code)) ?? UNKNOWN;
    this.cache[code] = id;
    return id;
  }

  keep(text: string | null): number {
    if (text === null) return NULL_VALUE;
    let id = this.ids.get(text);
    if (id === undefined) {
      id = this.texts.push(text) - 1;
      this.ids.set(text, id);
    }
    return id;
  }

  text(id: number): string | null {
    return id === NULL_VALUE ? null : (this.texts[id] ?? null);
  }

  reset(): void {
    this.texts.length = 1;
    this.ids.clear();
    this.generation = -1;
  }
}

export class GroupAdmission {
  readonly dims: readonly string[];
  private readonly limit: number;
  private readonly dimensions: Dimension[];
  /** Group so far by the first dimension's value id, UNKNOWN without. */
  private readonly firstSteps: number[] = [];
  /** (group so far, value id) -> group so far; the last step gives the group's id. */
  private readonly steps = new PairTable();
  private readonly groups: string[] = [];
  /** (scope, group id) -> member. */
  private readonly members = new PairTable();
  private readonly kept: number[] = [];
  private readonly others: number[] = [];
  private readonly memberScopes: number[] = [];
  private readonly memberGroups: string[] = [];
  private nextStep = 0;

  constructor(dims: readonly string[], limit: number) {
    this.dims = dims;
    this.limit = limit;
    this.dimensions = dims.map(() => new Dimension());
  }

  /** Takes the columns of the next batch, one per dimension. */
  begin(columns: readonly FieldColumn[]): void {
    for (let d = 0; d < columns.length; d++) this.dimensions[d]!.begin(columns[d]!);
  }

  /** Members are (scope, group) pairs; a scope is one tenant and day, numbered by the caller from 0. */
  memberOf(scope: number, columns: readonly FieldColumn[], row: number): number {
    const { dimensions } = this;
    let step = 0;
    for (let d = 0; d < dimensions.length; d++) {
      const value = dimensions[d]!.lookup(row);
      if (value === UNKNOWN) return this.admit(scope, columns, row);
      step = d === 0 ? (this.firstSteps[value] ?? UNKNOWN) : this.steps.get(step, value);
      if (step === UNKNOWN) return this.admit(scope, columns, row);
    }
    const member = this.members.get(scope, step);
    return member >= 0 ? member : this.admit(scope, columns, row);
  }

  private admit(scope: number, columns: readonly FieldColumn[], row: number): number {
    if ((this.kept[scope] ?? 0) >= this.limit) return this.otherOf(scope);
    return this.restore(
      scope,
      columns.map((c) => c.text(row) ?? null),
    );
  }

  /** The member of a group given by its values, kept whatever the limit says (undefined: OTHER_GROUP). */
  restore(scope: number, values: readonly (string | null)[] | undefined): number {
    if (values === undefined) return this.otherOf(scope);
    let step = 0;
    for (let d = 0; d < values.length; d++) {
      const value = this.dimensions[d]!.keep(values[d] ?? null);
      let next = d === 0 ? (this.firstSteps[value] ?? UNKNOWN) : this.steps.get(step, value);
      if (next < 0) {
        next = ++this.nextStep;
        if (d > 0) this.steps.add(step, value, next);
        else {
          // No holes: the list stays an array of small numbers.
          while (this.firstSteps.length <= value) this.firstSteps.push(UNKNOWN);
          this.firstSteps[value] = next;
        }
      }
      step = next;
    }
    const known = this.members.get(scope, step);
    if (known >= 0) return known;
    this.groups[step] ??= groupText(values);
    const member = this.addMember(scope, this.groups[step]!);
    this.members.add(scope, step, member);
    this.kept[scope] = (this.kept[scope] ?? 0) + 1;
    return member;
  }

  private otherOf(scope: number): number {
    this.others[scope] ??= this.addMember(scope, OTHER_GROUP);
    return this.others[scope]!;
  }

  private addMember(scope: number, group: string): number {
    this.memberGroups.push(group);
    return this.memberScopes.push(scope) - 1;
  }

  scopeOf(member: number): number {
    return this.memberScopes[member]!;
  }
  groupOf(member: number): string {
    return this.memberGroups[member]!;
  }

  reset(): void {
    for (const d of this.dimensions) d.reset();
    this.steps.clear();
    this.firstSteps.length = 0;
    this.members.clear();
    for (const list of [this.groups, this.kept, this.others, this.memberScopes, this.memberGroups])
      list.length = 0;
    this.nextStep = 0;
  }
}
