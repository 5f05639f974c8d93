// Two or more contenders in turn, round after round, so that a busy machine hurts them alike. Wall and CPU
// time (all threads of the process, collection and compilation too); a ratio is taken within its round.

export interface Spent {
  readonly wallS: number;
  readonly cpuS: number;
}

export async function spent(body: () => Promise<void> | void): Promise<Spent> {
  const cpu = process.cpuUsage();
  const wall = process.hrtime.bigint();
  await body();
  const wallS = Number(process.hrtime.bigint() - wall) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { wallS, cpuS: (user + system) / 1e6 };
}

/** Of ascending numbers, by nearest rank: the least that a share `p` of them does not exceed. */
export const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? Number.NaN;

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * `collect`: garbage is collected before each body. Not where bodies are to run as in a long-lived process:
 * a forced collection also throws compiled code away.
 */
export interface TurnOptions {
  readonly collect?: boolean;
}

/** Each contender prepares outside the clock and gives the body that is measured. */
export type Contender = () => Promise<() => Promise<void> | void>;

export async function inTurn<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender>>,
  { collect = true }: TurnOptions = {},
): Promise<Record<Name, Spent[]>> {
  const names = Object.keys(contenders) as Name[];
  const times = Object.fromEntries(names.map((n) => [n, []])) as unknown as Record<Name, Spent[]>;
  // The first round warms up and does not count.
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const body = await contenders[name]();
      if (collect) globalThis.gc?.();
      const time = await spent(body);
      if (round >= 0) times[name].push(time);
    }
  }
  return times;
}

/** Medians over rounds of b/a: how many times faster `b`'s rival `a` is than `b` reads as `ratio(b, a)`. */
export const ratio = (
  slow: readonly Spent[],
  fast: readonly Spent[],
  of: keyof Spent = "cpuS",
): number => median(slow.map((s, i) => s[of] / fast[i]![of]));

export const medians = (times: readonly Spent[]): Spent => ({
  wallS: median(times.map((t) => t.wallS)),
  cpuS: median(times.map((t) => t.cpuS)),
});
