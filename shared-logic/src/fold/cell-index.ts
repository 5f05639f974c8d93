// Finds the slot of each row's cell: (tenant, group, cell start, doubt) -> slot, for one grouping set at
// one grain. Cells of an hour lie together in a block; a block touched since it was last taken is dirty.
import type { EventColumns, FieldColumn } from "../events/event-columns.ts";
import { groupValues } from "../metrics/group.ts";
import { GRAIN_MS, type StoredGrain } from "../time/calendar.ts";
import { DAY_MS, type EpochMs } from "../time/epoch-ms.ts";
import { blockMs, cellsPerBlock } from "./block.ts";
import { GroupAdmission } from "./group-admission.ts";
import { LANE, Lanes } from "./lanes.ts";
import { PairTable } from "./pair-table.ts";
import { Scopes } from "./scopes.ts";

export interface BlockPlace {
  readonly tenant: string;
  readonly group: string;
  readonly startMs: EpochMs;
  readonly doubt: number;
}

const DOUBTS = 4;
const NO_LANE = -1;
const NO_LANES = new Int32Array(0);

/** What a cell belongs to: a group of a tenant and day. */
export interface CellMember {
  readonly tenant: string;
  readonly day: number;
  readonly values: readonly (string | null)[];
}

export class CellIndex {
  readonly dims: readonly string[];
  readonly grain: StoredGrain;
  readonly cells: number;
  slotCount = 0;
  blockCount = 0;
  /** Slot of (block, cell) at [block · cells + cell], -1 where none. */
  slots: Int32Array;
  /** By slot, where it stands in `slots`. */
  private slotCells = new Int32Array(64);
  /** The first `dirtyCount` are dirty, in the order they became so. */
  dirtyBlocks = new Int32Array(64);
  dirtyCount = 0;
  /** How often all became clean. */
  cleanings = 0;
  private readonly cellMs: number;
  private readonly blockMs: number;
  private readonly admission: GroupAdmission;
  private readonly scopes = new Scopes();
  /** (member, hour of its block · 4 + doubt) -> block. */
  private readonly blocks = new PairTable();
  /** Two numbers a block: its member, and its hour · 4 + doubt. */
  private blockKeys = new Float64Array(2 * 64);
  private dirty = new Uint8Array(64);
  private readonly lanes = new Lanes();
  private lastMember = -1;
  private lastTime = -1;
  private lastBlock = -1;

  constructor(dims: readonly string[], grain: StoredGrain, limit: number) {
    this.dims = dims;
    this.grain = grain;
    this.cellMs = GRAIN_MS[grain];
    this.blockMs = blockMs(grain);
    this.cells = cellsPerBlock(grain);
    this.slots = new Int32Array(64 * this.cells).fill(-1);
    this.admission = new GroupAdmission(dims, limit);
  }

  /** Writes to `slots[i]` the slot of row `rows[i]`, for i in [0, n); rows in offset order. */
  locate(
    columns: EventColumns,
    rows: Uint32Array,
    doubts: Uint8Array,
    n: number,
    slots: Int32Array,
  ): void {
    const dims: FieldColumn[] = this.admission.dims.map((path) => columns.field(path));
    this.admission.begin(dims);
    const tenants = columns.field("tenant");
    // A lane has the tenant already.
    const further = dims.filter((_, d) => this.dims[d] !== "tenant");
    const found = this.lanes.of([tenants, ...further], rows, n);
    const lanes = found ?? NO_LANES;
    let { blocks: remembered } = this.lanes;
    const { timeMs } = columns;
    const { cells, cellMs, blockMs } = this;
    // Nothing of `this` is read in the loop, but where a lane does not know.
    let known = this.slots;
    let [from, until] = [0, 0];
    let doubt = 0;
    // Of rows of this hour and doubt: the hour, four times, with the doubt, and where their lanes begin; NO_LANE where the
    // hour is no 32-bit number, which lanes do not remember.
    let time = 0;
    let page = NO_LANE;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const at = timeMs[row]!;
      if (!(at >= from && at < until) || doubts[i] !== doubt) {
        doubt = doubts[i]!;
        const hour = Math.floor(at / blockMs);
        from = hour * blockMs;
        until = from + blockMs;
        time = (hour * DOUBTS + doubt) | 0;
        const isNear = time === hour * DOUBTS + doubt;
        page = found !== undefined && isNear ? this.lanes.pageOf(hour, doubt) : NO_LANE;
      }
      const place = page === NO_LANE ? NO_LANE : page + LANE * lanes[i]!;
      let block: number;
      if (place !== NO_LANE && remembered[place] === time) block = remembered[place + 1]!;
      else {
        block = this.blockOfRow(tenants, dims, row, at, doubt);
        if (place !== NO_LANE) {
          this.lanes.remember(place, time, block);
          page = this.lanes.pageOf(time >> 2, doubt);
        }
        remembered = this.lanes.blocks;
        known = this.slots;
      }
      const cell = cells === 1 ? block : block * cells + Math.floor((at - from) / cellMs);
      const slot = known[cell]!;
      slots[i] = slot < 0 ? this.addSlot(cell) : slot;
    }
  }

  /** Also marks it dirty: what a lane remembers is. */
  private blockOfRow(
    tenants: FieldColumn,
    dims: readonly FieldColumn[],
    row: number,
    at: number,
    doubt: number,
  ): number {
    const time = Math.floor(at / this.blockMs) * DOUBTS + doubt;
    const scope = this.scopes.ofRow(tenants, row, Math.floor(at / DAY_MS));
    const member = this.admission.memberOf(scope, dims, row);
    if (member !== this.lastMember || time !== this.lastTime) {
      this.lastBlock = this.blockOf(member, time);
      this.lastMember = member;
      this.lastTime = time;
    }
    this.markDirty(this.lastBlock);
    return this.lastBlock;
  }

  markDirty(block: number): void {
    if (this.dirty[block] !== 0) return;
    if (this.dirtyCount === this.dirtyBlocks.length) {
      const wider = new Int32Array(2 * this.dirtyCount);
      wider.set(this.dirtyBlocks);
      this.dirtyBlocks = wider;
    }
    this.dirty[block] = 1;
    this.dirtyBlocks[this.dirtyCount++] = block;
  }

  /** The block of a place, made if needed; not marked dirty. */
  restore(place: BlockPlace, values: readonly (string | null)[] | undefined): number {
    // A group that did not fit before may be kept from now on.
    this.lanes.forget();
    const scope = this.scopes.of(place.tenant, Math.floor(place.startMs / DAY_MS));
    const member = this.admission.restore(scope, values);
    return this.blockOf(member, Math.floor(place.startMs / this.blockMs) * DOUBTS + place.doubt);
  }

  /** The slot of a block's cell, made if needed. */
  slotAt(block: number, cell: number): number {
    const at = block * this.cells + cell;
    const slot = this.slots[at]!;
    return slot < 0 ? this.addSlot(at) : slot;
  }

  private addSlot(at: number): number {
    const slot = this.slotCount++;
    this.slots[at] = slot;
    if (slot >= this.slotCells.length) {
      const wider = new Int32Array(this.slotCells.length * 2);
      wider.set(this.slotCells);
      this.slotCells = wider;
    }
    this.slotCells[slot] = at;
    return slot;
  }

  /** Where a slot's cell stands in `slots`. */
  cellAt(slot: number): number {
    return this.slotCells[slot]!;
  }

  /** The cell that a slot is of; `member` is a number. */
  cellOf(slot: number): {
    readonly member: number;
    readonly startMs: number;
    readonly doubt: number;
  } {
    const at = this.slotCells[slot]!;
    const block = Math.floor(at / this.cells);
    const startMs = this.startMs(block) + (at % this.cells) * this.cellMs;
    return { member: this.blockKeys[2 * block]!, startMs, doubt: this.doubt(block) };
  }

  /** Only where no group is OTHER_GROUP. */
  member(member: number): CellMember {
    const scope = this.admission.scopeOf(member);
    const values = groupValues(this.admission.groupOf(member)) ?? [];
    return { tenant: this.scopes.tenantOf(scope), day: this.scopes.dayOf(scope), values };
  }

  /** The number of a member, made if needed. */
  memberIn({ tenant, day, values }: CellMember): number {
    return this.admission.restore(this.scopes.of(tenant, day), values);
  }

  /** The slot of a member's cell, made if needed; its block is dirty. */
  slotIn(member: number, startMs: number, doubt: number): number {
    const time = Math.floor(startMs / this.blockMs);
    const block = this.blockOf(member, time * DOUBTS + doubt);
    this.markDirty(block);
    return this.slotAt(block, Math.floor((startMs - time * this.blockMs) / this.cellMs));
  }

  /** Of an index without dimensions: the block that holds what a block of `finer`, of the same grain, does; not marked dirty. */
  totalOf(finer: CellIndex, block: number): number {
    const scope = finer.admission.scopeOf(finer.blockKeys[2 * block]!);
    const own = this.scopes.of(finer.scopes.tenantOf(scope), finer.scopes.dayOf(scope));
    return this.blockOf(this.admission.restore(own, []), finer.blockKeys[2 * block + 1]!);
  }

  place(block: number): BlockPlace {
    const [startMs, doubt] = [this.startMs(block), this.doubt(block)];
    return { tenant: this.tenant(block), group: this.group(block), startMs, doubt };
  }
  tenant(block: number): string {
    return this.scopes.tenantOf(this.admission.scopeOf(this.blockKeys[2 * block]!));
  }
  group(block: number): string {
    return this.admission.groupOf(this.blockKeys[2 * block]!);
  }
  startMs(block: number): EpochMs {
    return (Math.floor(this.blockKeys[2 * block + 1]! / DOUBTS) * this.blockMs) as EpochMs;
  }
  doubt(block: number): number {
    const time = this.blockKeys[2 * block + 1]!;
    return time - Math.floor(time / DOUBTS) * DOUBTS;
  }

  markAllDirty(): void {
    for (let b = 0; b < this.blockCount; b++) this.markDirty(b);
  }

  /** Forgets which blocks are dirty. */
  clean(): void {
    for (let i = 0; i < this.dirtyCount; i++) this.dirty[this.dirtyBlocks[i]!] = 0;
    this.dirtyCount = 0;
    this.cleanings++;
    this.lanes.forget();
  }

  /** Back to nothing: all slots may be cleared and used again. */
  reset(): void {
    this.clean();
    this.slots.fill(-1);
    this.lanes.forget();
    this.lastMember = -1;
    this.admission.reset();
    this.scopes.reset();
    this.blocks.clear();
    this.slotCount = 0;
    this.blockCount = 0;
  }

  private blockOf(member: number, time: number): number {
    let block = this.blocks.get(member, time);
    if (block < 0) {
      block = this.blockCount++;
      this.blocks.add(member, time, block);
      if (2 * this.blockCount > this.blockKeys.length) {
        const wider = new Float64Array(this.blockKeys.length * 2);
        wider.set(this.blockKeys);
        this.blockKeys = wider;
      }
      this.blockKeys[2 * block] = member;
      this.blockKeys[2 * block + 1] = time;
      if (this.blockCount * this.cells > this.slots.length) {
        const wider = new Int32Array(this.slots.length * 2).fill(-1);
        wider.set(this.slots);
        this.slots = wider;
      }
      if (this.blockCount > this.dirty.length) {
        const wider = new Uint8Array(this.dirty.length * 2);
        wider.set(this.dirty);
        this.dirty = wider;
      }
    }
    return block;
  }
}
