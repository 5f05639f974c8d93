// Replays of one dataset: published days computed again into a side catalogue, held against what is shown, and shown in
// its place. Nothing is remembered between calls; each may be killed and called again.
import {
  type DayEntry,
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type Fingerprint,
  type Metric,
  type Progress,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import { eachLimited } from "../each-limited.ts";
import { readLedger } from "../ledger.ts";
import { lostRanges } from "../lost-ranges.ts";
import type { Batch, BatchPorts } from "../run-batch.ts";
import { isDamaged } from "../set-aside-damage.ts";
import { refreshSpans } from "../spans.ts";
import { type CataloguePorts, cataloguePorts } from "./catalogue-views.ts";
import { type ComparedMetric, compareMetric, type ReplayedDay } from "./compare-day.ts";
import { type Promoted, promoteDay } from "./promote-day.ts";
import { type ReplayInput, rebuildDay, type Wanted } from "./rebuild-day.ts";
import {
  type BoundRun,
  ReplayCatalogue,
  type ReplayHead,
  type ReplayRequest,
  type SideRuns,
  TOPIC_FOLDER,
} from "./replay-catalogue.ts";

/** Reads the topic: everything of it below V. */
export type ReadTopic = (
  catalogue: ReplayCatalogue,
  below: readonly number[],
) => Promise<ReplayInput>;

export interface StartOptions {
  readonly by: string;
  readonly topic: ReadTopic;
  readonly progress?: Progress;
}

export interface StartedReplay {
  readonly head: ReplayHead;
  /** Days that were rebuilt now, and those that stood there already. */
  readonly rebuilt: readonly UtcDay[];
  readonly kept: number;
  readonly failed: readonly { readonly day: UtcDay; readonly error: TandemError }[];
}

export interface ShownReplay {
  readonly head: ReplayHead;
  readonly days: ReadonlyMap<UtcDay, SideRuns>;
}

export class Replays {
  private readonly ports: BatchPorts;
  private readonly batch: Pick<Batch, "archive">;
  private readonly dataset: string;
  private readonly metrics: readonly Metric[];

  constructor(
    ports: BatchPorts,
    batch: Pick<Batch, "archive">,
    dataset: string,
    metrics: readonly Metric[],
  ) {
    this.ports = ports;
    this.batch = batch;
    this.dataset = dataset;
    this.metrics = metrics;
  }

  private catalogue(name: string): ReplayCatalogue {
    return new ReplayCatalogue(this.ports.objects, this.dataset, name);
  }

  /** Goes on where one of the same name and request was cut short. */
  async start(name: string, request: ReplayRequest, o: StartOptions): Promise<StartedReplay> {
    const { ports, dataset } = this;
    const catalogue = this.catalogue(name);
    const head = await catalogue.begin({ name, request, by: o.by, at: ports.clock.now() });
    if (JSON.stringify(head.request) !== JSON.stringify(request))
      throw new TandemError("configuration", {
        message: `replay ${name} was started with another request: drop it, or give this one another name`,
      });
    const known = await catalogue.days();
    const published = await this.published(request);
    const due = [...published].flatMap(([day, wanted]) => {
      const open = wanted.filter(({ metric, entry }) => {
        const side = known.get(day)?.[metric.fingerprint];
        return !side || side.v.join() !== entry.v.join() || side.grain !== entry.grain;
      });
      return open.length > 0 ? [{ day, open }] : [];
    });
    const rebuilt: UtcDay[] = [];
    const failed: { day: UtcDay; error: TandemError }[] = [];
    if (due.length > 0) {
      const input =
        request.source === "topic"
          ? await o.topic(catalogue, highest(due.flatMap((d) => d.open.map((w) => w.entry.v))))
          : await this.archiveInput();
      let done = 0;
      const place = { dataset, catalogue, head, input };
      await eachLimited(due, ports.daysAtOnce ?? 1, async ({ day, open }) => {
        try {
          const runs = await rebuildDay(ports, place, day, open);
          await catalogue.putDay(day, { ...known.get(day), ...runs });
          rebuilt.push(day);
        } catch (error) {
          // Another source, or a repair, may get round it.
          if (!isDamaged(error)) throw error;
          failed.push({ day, error });
        }
        o.progress?.(++done, due.length, "days");
      });
    }
    // They are of no further use, and as much as the topic holds.
    if (failed.length === 0) await catalogue.removeBelow(TOPIC_FOLDER);
    rebuilt.sort((a, b) => a - b);
    return { head, rebuilt, kept: published.size - due.length, failed };
  }

  async list(): Promise<ReplayHead[]> {
    const heads: ReplayHead[] = [];
    for await (const head of ReplayCatalogue.heads(this.ports.objects, this.dataset))
      heads.push(head);
    return heads;
  }

  async show(name: string): Promise<ShownReplay | undefined> {
    const catalogue = this.catalogue(name);
    const head = await catalogue.head();
    return head && { head, days: await catalogue.days() };
  }

  /** Day by day; each is bound to what it was compared with before it is told. */
  async *compare(name: string): AsyncGenerator<ReplayedDay> {
    const catalogue = this.catalogue(name);
    const days = [...(await catalogue.days())].sort(([a], [b]) => a - b);
    for (const [day, runs] of days) {
      const { entries } = await this.row(day);
      const metrics: ComparedMetric[] = [];
      const moved: Fingerprint[] = [];
      const bound: Record<Fingerprint, BoundRun> = {};
      for (const fp of Object.keys(runs) as Fingerprint[]) {
        const metric = this.metrics.find((m) => m.fingerprint === fp);
        const [side, entry] = [runs[fp], entries[fp]];
        if (!side || !metric) continue;
        if (!entry || entry.v.join() !== side.v.join() || entry.grain !== side.grain) {
          moved.push(fp);
          // No promote over it: it names what the day shows.
          bound[fp] = { side: side.run, against: "", rows: 1, cells: 0, failed: [] };
          continue;
        }
        const compared = await compareMetric(this.ports.views, day, metric, side, entry);
        metrics.push(compared);
        const { rows, failed } = compared;
        const before = (await catalogue.bound(day))?.[fp];
        // Compared with itself, once it is shown: what was bound before the promote stays.
        bound[fp] =
          entry.run === side.run && before?.side === side.run
            ? before
            : { side: side.run, against: entry.run, rows, cells: compared.changes.length, failed };
      }
      await catalogue.bind(day, bound);
      yield { day, metrics, moved };
    }
  }

  /** Day by day; weeks and months of the days do not count until the last of them is told. */
  async *promote(
    name: string,
    by: string,
  ): AsyncGenerator<{ readonly day: UtcDay; readonly promoted: Promoted }> {
    const catalogue = this.catalogue(name);
    const days = [...(await catalogue.days())].sort(([a], [b]) => a - b);
    const flipped = new Set<UtcDay>();
    for (const [day, runs] of days) {
      const flip = { by, at: this.ports.clock.now(), name };
      const bound = await catalogue.bound(day);
      const promoted = await promoteDay(this.ports, this.dataset, day, runs, bound, flip);
      if (promoted.state === "promoted" || promoted.state === "already") flipped.add(day);
      yield { day, promoted };
    }
    const { ports, dataset, metrics } = this;
    const facts = { dataset, metrics, archive: await this.batch.archive() };
    await refreshSpans(ports, facts, flipped);
  }

  /** False where there is none. Rows that some day names stay: they are promoted. */
  async drop(name: string): Promise<boolean> {
    const catalogue = this.catalogue(name);
    if (!(await catalogue.head())) return false;
    const named = await this.namedRuns();
    for (const run of await catalogue.begunRuns())
      if (!named.has(run)) await this.ports.views.removeRun(run);
    await catalogue.remove();
    return true;
  }

  /** What answers to a query of the catalogue; undefined where there is none of that name. */
  async portsOf(name: string): Promise<CataloguePorts | undefined> {
    const shown = await this.show(name);
    return shown && cataloguePorts(this.ports, this.dataset, shown.days);
  }

  private async row(day: UtcDay): Promise<DayRow> {
    const key = dayKey(this.dataset, day);
    return (await readLedger<DayRow>(this.ports.views, key)).value ?? EMPTY_DAY;
  }

  private async rows(): Promise<[UtcDay, DayRow][]> {
    const prefix = dayKey(this.dataset, 0 as UtcDay).slice(0, -1);
    return (await this.ports.views.ledgerRows(prefix)).map(({ key, value }) => [
      Number(key.slice(prefix.length)) as UtcDay,
      JSON.parse(value) as DayRow,
    ]);
  }

  private async published({ from, until, metrics }: ReplayRequest): Promise<Map<UtcDay, Wanted[]>> {
    const wanted = this.metrics.filter((m) => metrics.includes(m.fingerprint));
    const days = new Map<UtcDay, Wanted[]>();
    for (const [day, { entries }] of (await this.rows()).sort(([a], [b]) => a - b)) {
      if (day < (from ?? day) || day >= (until ?? day + 1)) continue;
      const own = wanted.flatMap((metric): Wanted[] => {
        const entry: DayEntry | undefined = entries[metric.fingerprint];
        return entry ? [{ metric, entry }] : [];
      });
      if (own.length > 0) days.set(day, own);
    }
    return days;
  }

  private async archiveInput(): Promise<ReplayInput> {
    const archive = await this.batch.archive();
    return { archive, lost: (metric, day, v) => lostRanges(archive, v, metric, day) };
  }

  private async namedRuns(): Promise<Set<string>> {
    const named = new Set<string>();
    for (const [, { entries, selectable, dropping }] of await this.rows()) {
      for (const { run } of Object.values(entries)) named.add(run);
      for (const { run } of Object.values(selectable).flat()) named.add(run);
      for (const run of Object.keys(dropping ?? {})) named.add(run);
    }
    return named;
  }
}

const highest = (vs: readonly (readonly number[])[]): number[] =>
  vs.reduce<number[]>((all, v) => v.map((at, p) => Math.max(at, all[p] ?? 0)), []);
