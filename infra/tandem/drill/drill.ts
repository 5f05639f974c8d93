// What a drill is: a long search for faults that can be stopped at any moment and goes on where it was.

export interface DrillOptions {
  /** First seed; absent: the one behind where the last drill stopped. */
  readonly from: number | undefined;
  readonly seeds: number;
  /** File that the drill keeps its place in. */
  readonly state: string;
  /** Faults of the drill to play; empty: all. */
  readonly only: readonly string[];
  readonly say: (line: string) => void;
}

export interface Drill {
  readonly name: string;
  readonly about: string;
  /** False where something was found. */
  readonly run: (options: DrillOptions) => Promise<boolean>;
}
