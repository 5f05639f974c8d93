// Ids in the order of the log, and what the duplicate filters find out about them.

export interface IdBatch {
  /** Id i is lanes[4 · i] … [4 · i + 3]. */
  readonly lanes: Uint32Array;
  /** The UTC day each was sent on. */
  readonly days: Float64Array;
  /** When each was received; never goes back. */
  readonly receivedMs: Float64Array;
  /** Set to 1 where an id may have been added before; 0 at first. */
  readonly known: Uint8Array;
  /** Set to 1 where an id may have been forgotten; 0 at first. */
  readonly forgotten: Uint8Array;
  /** Room for a number an id. */
  readonly order: Int32Array;
  readonly rest: Int32Array;
}

export const idBatch = (size: number): IdBatch => ({
  lanes: new Uint32Array(4 * size),
  days: new Float64Array(size),
  receivedMs: new Float64Array(size),
  known: new Uint8Array(size),
  forgotten: new Uint8Array(size),
  order: new Int32Array(size),
  rest: new Int32Array(size),
});
