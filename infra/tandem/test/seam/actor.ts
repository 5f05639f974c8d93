// One party of the simulation: production code that stops at every call of a port until the schedule lets
// it go on. Whoever is never let on is killed: what it held in memory is gone, what it wrote stays.
// Only one party runs at any time, so a run is a function of the schedule, whatever the calls wait for.

/** Waits for its turn; what the schedule drew for this step. */
export type Pause = () => Promise<number>;

/** Microtasks after which a branch whose call returned has come to its next call, or to its end. */
const BRANCH_TICKS = 12;

export class Actor {
  done = false;
  failure: unknown;
  private readonly body: (self: Actor) => Promise<void>;
  private readonly waiting: ((r: number) => void)[] = [];
  private begun = false;
  private rest: () => void = () => {};

  constructor(body: (self: Actor) => Promise<void>) {
    this.body = body;
  }

  /** Runs on to its next call of a port, or to its end. */
  async step(r: number): Promise<void> {
    if (this.done) return;
    await new Promise<void>((resolve) => {
      this.rest = resolve;
      if (!this.begun) this.begin();
      else this.waiting.shift()?.(r);
    });
  }

  readonly pause: Pause = () =>
    new Promise((go) => {
      this.waiting.push(go);
      this.rest();
    });

  /** Other calls of it wait. */
  get waits(): boolean {
    return this.waiting.length > 0;
  }

  /** A call returned. Calls made at once wait for a turn each: its branch may end without another one. */
  async returned(): Promise<void> {
    const { rest } = this;
    for (let tick = 0; tick < BRANCH_TICKS; tick++) await undefined;
    rest();
  }

  private begin(): void {
    this.begun = true;
    this.body(this).then(
      () => this.end(undefined),
      (error: unknown) => this.end(error ?? new Error("undefined was thrown")),
    );
  }

  private end(failure: unknown): void {
    this.done = true;
    this.failure = failure;
    this.rest();
  }
}
