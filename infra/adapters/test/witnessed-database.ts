// A sqlite connection that knows how much of its WAL is on the disk for certain, so that a power cut can
// be tried, and on which one piece of SQL may be replaced, to plant a bug in an adapter's statements.
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { below, type Random } from "@tandem/shared-logic";

export interface Mutation {
  readonly piece: string;
  readonly replacement: string;
}

export class WitnessedDatabase extends DatabaseSync {
  /** Whether the mutation's piece was met at all. */
  planted = false;
  private readonly path: string;
  private readonly mutation: Mutation | undefined;
  /** Nothing here writes enough for a checkpoint, so the WAL only grows. */
  private durableBytes = 0;
  private begunBytes = 0;

  constructor(path: string, mutation?: Mutation) {
    super(path);
    this.path = path;
    this.mutation = mutation;
  }

  override prepare(sql: string): StatementSync {
    return super.prepare(this.mutated(sql));
  }

  override exec(sql: string): void {
    if (sql.startsWith("BEGIN")) this.begunBytes = this.walBytes();
    super.exec(this.mutated(sql));
    // sqlite syncs the WAL at a commit that appended to it under synchronous = FULL (2).
    if (sql !== "COMMIT" || this.walBytes() === this.begunBytes) return;
    const mode = super.prepare("PRAGMA synchronous").get()?.["synchronous"];
    if (mode === 2) this.durableBytes = this.walBytes();
  }

  /** Copies what a power failure now leaves: the WAL cut anywhere behind what is durable. */
  powerCut(random: Random, target: string): void {
    copyFileSync(this.path, target);
    const wal = readFileSync(`${this.path}-wal`);
    const kept = this.durableBytes + below(random, wal.length - this.durableBytes + 1);
    writeFileSync(`${target}-wal`, wal.subarray(0, kept));
  }

  private mutated(sql: string): string {
    if (this.mutation === undefined || !sql.includes(this.mutation.piece)) return sql;
    this.planted = true;
    return sql.replaceAll(this.mutation.piece, this.mutation.replacement);
  }

  private walBytes(): number {
    return statSync(`${this.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }
}
