// The one save that may be under way while its owner goes on. How it ended is told once, to whoever asks.

export class Saving {
  private work: Promise<void> | undefined;
  private over = false;

  /** Under way, or over and not yet told. */
  get begun(): boolean {
    return this.work !== undefined;
  }

  /** Nothing else is `begun`. */
  begin(work: Promise<void>): void {
    this.over = false;
    this.work = work.finally(() => {
      this.over = true;
    });
    // Told by `end`.
    this.work.catch(() => undefined);
  }

  /** Resolves once it is over, and throws what it failed with. */
  async end(): Promise<void> {
    try {
      await this.work;
    } finally {
      this.work = undefined;
    }
  }

  /** As `end` where it is over, and nothing where it is not. */
  async endIfOver(): Promise<void> {
    if (this.over) await this.end();
  }

  /** Resolves once nothing is under way, however it ended. */
  async settled(): Promise<void> {
    await this.work?.catch(() => undefined);
  }
}
