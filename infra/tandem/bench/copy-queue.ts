// Copies on their way: a binary heap by the time they are due, ties in the order they were added.

export class CopyQueue {
  private readonly due: number[] = [];
  private readonly of: number[] = [];

  get dueAt(): number {
    return this.due[0] ?? Number.POSITIVE_INFINITY;
  }

  /** `event` grows from call to call, so it breaks ties. */
  add(due: number, event: number): void {
    let i = this.due.push(due) - 1;
    this.of.push(event);
    for (let up = (i - 1) >> 1; i > 0 && this.before(i, up); i = up, up = (i - 1) >> 1)
      this.swap(i, up);
  }

  take(): number {
    const first = this.of[0]!;
    const last = this.due.length - 1;
    this.swap(0, last);
    this.due.pop();
    this.of.pop();
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < last && this.before(child, least)) least = child;
      }
      if (least === i) return first;
      this.swap(i, least);
      i = least;
    }
  }

  private before(i: number, j: number): boolean {
    const byDue = this.due[i]! - this.due[j]!;
    return byDue === 0 ? this.of[i]! < this.of[j]! : byDue < 0;
  }

  private swap(i: number, j: number): void {
    for (const list of [this.due, this.of]) {
      const kept = list[i]!;
      list[i] = list[j]!;
      list[j] = kept;
    }
  }
}
