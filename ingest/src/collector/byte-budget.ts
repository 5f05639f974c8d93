// The bytes that all request bodies together may hold in memory.

export interface ByteBudget {
  readonly heldBytes: number;
  /** Takes nothing and says false where it does not fit. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function byteBudget(limitBytes: number): ByteBudget {
  let held = 0;
  return {
    get heldBytes() {
      return held;
    },
    take(bytes) {
      if (held + bytes > limitBytes) return false;
      held += bytes;
      return true;
    },
    give(bytes) {
      held -= bytes;
    },
  };
}
