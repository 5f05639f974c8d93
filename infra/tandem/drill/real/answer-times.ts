// How long answers took and what they were, over one fault.

export class AnswerTimes {
  slowestMs = 0;
  answers = 0;
  readonly byStatus = new Map<string, number>();
  readonly problems: string[] = [];

  answered(tookMs: number, status: string): void {
    this.answers++;
    this.slowestMs = Math.max(this.slowestMs, tookMs);
    this.count(status);
  }

  /** A refused or broken connection: the process is away. One that is kept waiting is another matter. */
  unanswered(tookMs: number, error: unknown): void {
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    this.count(timedOut ? "none" : "away");
    if (timedOut) this.wrong(`no answer in ${Math.round(tookMs)} ms`);
  }

  wrong(what: string): void {
    if (!this.problems.includes(what)) this.problems.push(what);
  }

  of(status: string): number {
    return this.byStatus.get(status) ?? 0;
  }

  private count(status: string): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
  }
}
