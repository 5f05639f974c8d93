// One path's column made of plain values: kinds, codes, hashes and decimals by the book.
import {
  DECIMAL_BEYOND_SCALE,
  DECIMAL_BIG,
  DECIMAL_MISSING,
  DECIMAL_NOT_A_NUMBER,
  DECIMAL_OK,
  type DecimalColumn,
  FIELD_ABSENT,
  FIELD_FALSE,
  FIELD_NESTED,
  FIELD_NULL,
  FIELD_NUMBER,
  FIELD_TEXT,
  FIELD_TRUE,
  type FieldColumn,
  NO_TEXT,
} from "../events/event-columns.ts";
import type { Interner } from "../events/interner.ts";
import { murmur3Text } from "../hash/murmur3.ts";

function kindOf(value: unknown): number {
  if (value === undefined) return FIELD_ABSENT;
  if (value === null) return FIELD_NULL;
  if (typeof value === "string") return FIELD_TEXT;
  if (typeof value === "number" || typeof value === "bigint") return FIELD_NUMBER;
  if (typeof value === "boolean") return value ? FIELD_TRUE : FIELD_FALSE;
  return FIELD_NESTED;
}

const hasText = (kind: number): boolean => kind >= FIELD_TEXT && kind <= FIELD_FALSE;

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Units of 10^-scale of a JSON number's text, or undefined where it has more digits. */
export function unitsOfNumber(text: string, scale: number): bigint | undefined {
  const m = NUMBER.exec(text);
  if (!m) throw new RangeError(`no JSON number: ${text}`);
  const fraction = m[3] ?? "";
  const digits = BigInt(`${m[2]}${fraction}`) * (m[1] === "-" ? -1n : 1n);
  const shift = scale - fraction.length + Number(m[4] ?? 0);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

function decimalsOf(values: readonly unknown[], scale: number): DecimalColumn {
  const units = new Float64Array(values.length);
  const status = new Uint8Array(values.length);
  const big = new Map<number, bigint>();
  values.forEach((value, row) => {
    const kind = kindOf(value);
    if (kind === FIELD_ABSENT || kind === FIELD_NULL) status[row] = DECIMAL_MISSING;
    else if (kind !== FIELD_NUMBER) status[row] = DECIMAL_NOT_A_NUMBER;
    else {
      const exact = unitsOfNumber(String(value), scale);
      if (exact === undefined) status[row] = DECIMAL_BEYOND_SCALE;
      else if (exact > 2n ** 53n || exact < -(2n ** 53n)) {
        status[row] = DECIMAL_BIG;
        big.set(row, exact);
      } else {
        status[row] = DECIMAL_OK;
        units[row] = Number(exact);
      }
    }
  });
  return { units, status, big };
}

export function fieldColumnOf(values: readonly unknown[], interner: Interner): FieldColumn {
  const kinds = Uint8Array.from(values, kindOf);
  const text = (row: number): string | undefined =>
    hasText(kinds[row] ?? FIELD_ABSENT) ? String(values[row]).toWellFormed() : undefined;
  let codes: Int32Array | undefined;
  let hashes: Uint32Array | undefined;
  const decimals = new Map<number, DecimalColumn>();
  return {
    kinds,
    interner,
    codes() {
      codes ??= Int32Array.from(values, (_, row) => {
        const t = text(row);
        return t === undefined ? NO_TEXT : interner.internText(t);
      });
      return codes;
    },
    hashes() {
      if (hashes === undefined) {
        const lanes = new Uint32Array(2 * values.length);
        values.forEach((_, row) => {
          const t = text(row);
          if (t !== undefined) lanes.set(murmur3Text(t).subarray(0, 2), 2 * row);
        });
        hashes = lanes;
      }
      return hashes;
    },
    decimals(scale) {
      let column = decimals.get(scale);
      if (column === undefined) {
        column = decimalsOf(values, scale);
        decimals.set(scale, column);
      }
      return column;
    },
    text,
  };
}
