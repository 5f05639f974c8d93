// What `make bench-check` fails by: figures that are worse than the stored ones beyond noise.
import { GOALS, type Goal, type Measured } from "./goals.ts";

/** Medians of rounds that agree are no better known than this on a machine that does other work too. */
const LEAST_NOISE = 0.1;
/** One round shows no scatter of its own; single series of one commit scatter by so much (bench/README.md). */
const ONE_ROUND_NOISE = 0.2;
/** Rounds that scatter by more say that more of them are needed: they do not excuse their median. */
const MOST_NOISE = 0.2;

/**
 * A line for each new figure that is worse than the stored one of its measure by more than the noise of both: half of
 * the spread of the stored rounds and of the new ones, at least a tenth and at most a fifth, and a fifth where either
 * is of one round. "Worse by a fifth" is a fifth more where lower is better, and where higher is better what goes
 * five times in the time of six. What cannot be compared gets a line too: no number, or a measure of which nothing is
 * stored, because it is new or has another name. Stored measures that were not taken are not judged.
 */
export function regressions(stored: readonly Measured[], now: readonly Measured[]): string[] {
  const before = new Map(stored.map((m) => [m.measure, m]));
  return now.flatMap((m) => {
    const why = regression(before.get(m.measure), m);
    return why === undefined ? [] : `${m.id} ${m.measure}: ${why}`;
  });
}

function regression(was: Measured | undefined, now: Measured): string | undefined {
  const goal = Object.values<Goal>(GOALS).find((g) => g.measure === now.measure);
  if (!was || !goal) return "nothing is stored to compare with";
  // Between processes and in the file, what is no number is null.
  if (![was.ratio, now.ratio].every(Number.isFinite)) {
    return `${now.ratio} after ${was.ratio}, not to be compared`;
  }
  const worse = worseBy(was.ratio, now.ratio, goal.least ?? false);
  const noise = noiseOf(was, now);
  if (worse <= noise) return undefined;
  const [ratio, before] = [now.ratio, was.ratio].map((x) => Number(x.toPrecision(4)));
  return `${ratio} after ${before}, ${percent(worse)} worse, noise ${percent(noise)}`;
}

/** As a share. Of a stored 0 everything that is worse is worse without bound. */
function worseBy(was: number, now: number, least: boolean): number {
  if (was === now) return 0;
  // Lower figures may be differences, and below 0.
  if (least) return (now - was) / Math.abs(was);
  return now > 0 ? was / now - 1 : Number.POSITIVE_INFINITY;
}

function noiseOf(was: Measured, now: Measured): number {
  if (was.runs.length < 2 || now.runs.length < 2) return ONE_ROUND_NOISE;
  return Math.min(MOST_NOISE, Math.max(LEAST_NOISE, scatter(was) + scatter(now)));
}

function scatter({ runs, ratio }: Measured): number {
  const spread = Math.max(...runs) - Math.min(...runs);
  return spread === 0 ? 0 : spread / 2 / Math.abs(ratio);
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
