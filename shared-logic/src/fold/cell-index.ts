// Finds the slot of each row's cell: (tenant, group, cell start, doubt) -> slot, for one grouping set at
// one grain. Cells of an hour lie together in a block; a block touched since it was last taken is dirty.
import type { EventColumns, FieldColumn } from "../events/event-columns.ts";
import { groupValues } from "../metrics/group.ts";
import { GRAIN_MS, type StoredGrain } from "../time/calendar.ts";
import { DAY_MS, type EpochMs } from "../time/epoch-ms.ts";
import { blockMs, cellsPerBlock } from "./block.ts";
import { GroupAdmission } from "./group-admission.ts";
import { Lanes } from "./lanes.ts";
import { PairTable } from "./pair-table.ts";
import { Scopes } from "./scopes.ts";

export interface BlockPlace {
  readonly tenant: string;
  readonly group: string;
  readonly startMs: EpochMs;
  readonly doubt: number;
}

const DOUBTS = 4;

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
  readonly dirtyBlocks: number[] = [];
  /** By slot, where it stands in `slots`. */
  private slotCells = new Int32Array(64);
  private readonly cellMs: number;
  private readonly blockMs: number;
  private readonly admission: GroupAdmission;
  private readonly scopes = new Scopes();
  /** (member, hour of its block · 4 + doubt) -> block. */
  private readonly blocks = new PairTable();
  private blockMembers: number[] = [];
  private blockTimes: number[] = [];
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
    const lanes = this.lanes.of([tenants, ...further], rows, n);
    const remembered = this.lanes.blocks;
    const { timeMs } = columns;
    const { cells, cellMs } = this;
    let [from, until, time] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const at = timeMs[row]!;
      if (!(at >= from && at < until)) {
        time = Math.floor(at / this.blockMs);
        from = time * this.blockMs;
        until = from + this.blockMs;
        time *= DOUBTS;
      }
      const doubtful = time + doubts[i]!;
      let block: number;
      if (lanes === undefined) block = this.blockOfRow(tenants, dims, row, at, doubtful);
      else {
        const lane = lanes[i]!;
        if (remembered[2 * lane] === doubtful) block = remembered[2 * lane + 1]!;
        else {
          block = this.blockOfRow(tenants, dims, row, at, doubtful);
          this.lanes.remember(lane, doubtful, block);
        }
      }
      const cell = cells === 1 ? block : block * cells + Math.floor((at - from) / cellMs);
      let slot = this.slots[cell]!;
      if (slot < 0) slot = this.addSlot(cell);
      slots[i] = slot;
    }
  }

  /** Also marks it dirty: what a lane remembers is. */
  private blockOfRow(
    tenants: FieldColumn,
    dims: readonly FieldColumn[],
    row: number,
    at: number,
    time: number,
  ): number {
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

  private markDirty(block: number): void {
    if (this.dirty[block] !== 0) return;
    this.dirty[block] = 1;
    this.dirtyBlocks.push(block);
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

  /** The cell that a slot is of; `member` is a number. */
  cellOf(slot: number): {
    readonly member: number;
    readonly startMs: number;
    readonly doubt: number;
  } {
    const at = this.slotCells[slot]!;
    const block = Math.floor(at / this.cells);
    const time = this.blockTimes[block]!;
    const doubt = ((time % DOUBTS) + DOUBTS) % DOUBTS;
    const startMs = ((time - doubt) / DOUBTS) * this.blockMs + (at % this.cells) * this.cellMs;
    return { member: this.blockMembers[block]!, startMs, doubt };
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

  place(block: number): BlockPlace {
    const member = this.blockMembers[block]!;
    const time = this.blockTimes[block]!;
    const tenant = this.scopes.tenantOf(this.admission.scopeOf(member));
    const doubt = ((time % DOUBTS) + DOUBTS) % DOUBTS;
    const startMs = (((time - doubt) / DOUBTS) * this.blockMs) as EpochMs;
    return { tenant, group: this.admission.groupOf(member), startMs, doubt };
  }

  markAllDirty(): void {
    for (let b = 0; b < this.blockCount; b++) {
      if (this.dirty[b] === 0) this.dirtyBlocks.push(b);
      this.dirty[b] = 1;
    }
  }

  /** Forgets which blocks are dirty. */
  clean(): void {
    for (const b of this.dirtyBlocks) this.dirty[b] = 0;
    this.dirtyBlocks.length = 0;
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
    this.blockMembers.length = 0;
    this.blockTimes.length = 0;
    this.slotCount = 0;
    this.blockCount = 0;
  }

  private blockOf(member: number, time: number): number {
    let block = this.blocks.get(member, time);
    if (block < 0) {
      block = this.blockCount++;
      this.blocks.add(member, time, block);
      this.blockMembers[block] = member;
      this.blockTimes[block] = time;
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
