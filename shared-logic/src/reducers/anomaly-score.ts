// How far a count lies from those before it: the modified z-score of Iglewicz and Hoaglin ("How to Detect and Handle
// Outliers", 1993), distance from the median by the median absolute deviation, so that spikes among them move neither;
// on counts made alike in spread by Anscombe's transform (Biometrika 35, 1948), so that quiet streams raise no alarm:
// what comes independently at one rate has a standard deviation of 1, and that is the least deviation assumed.

/** From the median absolute deviation of a normal distribution to its standard deviation. */
const DEVIATIONS = 1.4826;

const transformed = (count: number): number => 2 * Math.sqrt(count + 3 / 8);

/** The mean of the middle two where they are an even number. Sorts in place. */
function median(values: Float64Array): number {
  values.sort();
  const middle = values.length >> 1;
  const upper = values[middle] ?? 0;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? 0) + upper) / 2;
}

/** In standard deviations; below zero where `count` is low. `before` holds a count or more. */
export function anomalyScore(count: number, before: ArrayLike<number>): number {
  const values = Float64Array.from(before, transformed);
  const middle = median(values);
  const away = values.map((x) => Math.abs(x - middle));
  return (transformed(count) - middle) / Math.max(1, DEVIATIONS * median(away));
}
