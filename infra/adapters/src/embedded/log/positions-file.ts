// What a dataset's partitions have reached, as one small file that is replaced whole: committed offsets
// by group, and ends that were readable. Both are advisory lower bounds and may lag; a file that cannot
// be understood counts as absent. At most one write runs; calls meanwhile share the next one.
import type { FileLayer } from "../files/file-layer.ts";
import { readFile, replaceFile } from "../files/whole-file.ts";

interface Positions {
  readonly ends: readonly number[];
  readonly groups: Readonly<Record<string, readonly (number | null)[]>>;
}

export class PositionsFile {
  private readonly files: FileLayer;
  private readonly path: string;
  private readonly groups = new Map<string, (number | undefined)[]>();
  private readonly currentEnds: () => readonly number[];
  private writing: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  private constructor(files: FileLayer, path: string, currentEnds: () => readonly number[]) {
    this.files = files;
    this.path = path;
    this.currentEnds = currentEnds;
  }

  static async open(
    files: FileLayer,
    path: string,
    currentEnds: () => readonly number[],
  ): Promise<{ readonly positions: PositionsFile; readonly ends: readonly number[] }> {
    const positions = new PositionsFile(files, path, currentEnds);
    const stored = parse(await readFile(files, path));
    for (const [group, offsets] of Object.entries(stored.groups)) {
      positions.groups.set(
        group,
        offsets.map((o) => o ?? undefined),
      );
    }
    return { positions, ends: stored.ends };
  }

  committed(group: string): readonly (number | undefined)[] {
    return this.groups.get(group) ?? [];
  }

  async commit(group: string, partition: number, offset: number): Promise<void> {
    const offsets = this.groups.get(group) ?? [];
    if (offset <= (offsets[partition] ?? -1)) return;
    offsets[partition] = offset;
    this.groups.set(group, offsets);
    await this.save();
  }

  /** Resolves once a write that began after this call is done. */
  save(): Promise<void> {
    if (this.next !== undefined) return this.next;
    if (this.writing === undefined) {
      this.writing = this.write();
      return this.writing;
    }
    this.next = this.writing
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        this.writing = this.write();
        return this.writing;
      });
    return this.next;
  }

  private async write(): Promise<void> {
    try {
      const groups: Record<string, (number | null)[]> = {};
      for (const [group, offsets] of this.groups) {
        groups[group] = Array.from(offsets, (o) => o ?? null);
      }
      const stored: Positions = { ends: this.currentEnds(), groups };
      const bytes = new TextEncoder().encode(`${JSON.stringify(stored)}\n`);
      await replaceFile(this.files, this.path, bytes, `${this.path}~`);
    } finally {
      this.writing = undefined;
    }
  }
}

function parse(bytes: Uint8Array | undefined): Positions {
  try {
    const stored = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Positions>;
    return { ends: stored.ends ?? [], groups: stored.groups ?? {} };
  } catch {
    return { ends: [], groups: {} };
  }
}
