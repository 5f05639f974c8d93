// Exact decimal numbers: a whole number of units of 10^-scale. Values of metrics are these, never
// floats, so that a sum to the last cent is one in every layer and in every order.

export interface Decimal {
  readonly units: bigint;
  /** Digits after the point, 0 to 18. */
  readonly scale: number;
}

export const decimalOf = (units: bigint | number, scale = 0): Decimal => ({
  units: BigInt(units),
  scale,
});

const power = (n: number): bigint => (n === 0 ? 1n : 10n ** BigInt(n));

/** Less than, equal to or greater than zero as `a` is below, at or above `b`. */
export function compareDecimal(a: Decimal, b: Decimal): number {
  if (a.scale === b.scale) return a.units < b.units ? -1 : a.units > b.units ? 1 : 0;
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [a.units * power(scale - a.scale), b.units * power(scale - b.scale)];
  return x < y ? -1 : x > y ? 1 : 0;
}

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  const at = ({ units, scale: own }: Decimal): bigint => units * 10n ** BigInt(scale - own);
  return { units: at(a) + at(b), scale };
}

/** `numerator / denominator` (denominator > 0) with `digits` digits, half to even, rounded once. */
export function quotient(numerator: Decimal, denominator: bigint, digits: number): Decimal {
  const up = power(Math.max(0, digits - numerator.scale));
  const down = power(Math.max(0, numerator.scale - digits));
  const [n, d] = [numerator.units * up, denominator * down];
  const sign = n < 0n ? -1n : 1n;
  const abs = n * sign;
  let q = abs / d;
  const twice = (abs % d) * 2n;
  if (twice > d || (twice === d && (q & 1n) === 1n)) q += 1n;
  return { units: q * sign, scale: digits };
}

/** Plain digits without an exponent; trailing zeros after the point are dropped. */
export function formatDecimal({ units, scale }: Decimal): string {
  if (scale === 0) return units.toString();
  const sign = units < 0n ? "-" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

const TEXT = /^(-?)(\d+)(?:\.(\d+))?$/;

/** The inverse of formatDecimal, or undefined where `text` is no plain decimal. */
export function parseDecimal(text: string): Decimal | undefined {
  const m = TEXT.exec(text);
  if (!m) return undefined;
  const fraction = m[3] ?? "";
  const units = BigInt(`${m[2]}${fraction}`);
  return { units: m[1] === "-" ? -units : units, scale: fraction.length };
}

const MOST_JSON = 10n ** 15n;

/** In JSON: a number where 15 significant digits hold it, else the same digits as text. */
export function jsonDecimal(value: Decimal): number | string {
  if (value.scale === 0 && value.units < MOST_JSON && value.units > -MOST_JSON)
    return Number(value.units);
  const text = formatDecimal(value);
  const significant = text.replace(/^-?0*\.?0*/, "").replace(".", "");
  return significant.length <= 15 ? Number(text) : text;
}
