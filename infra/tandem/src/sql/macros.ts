// What every metric's SQL needs to say more than once, as DuckDB macros: the text and the number at a place of an
// event's JSON, exactly as they were sent, and a division that is rounded once, half to even.

import { BODY_MACRO } from "./body.ts";

interface Macro {
  readonly name: string;
  readonly sql: string;
}

/** In the order in which they build on each other. */
const MACROS: readonly Macro[] = [
  {
    // A mark that no value replaces leaves a control character, which no JSON has.
    name: "if_whole",
    sql: `(body) AS CASE WHEN contains(body, chr(1)) THEN error('a body whose values are not there') ELSE body END`,
  },
  { name: "body_of", sql: BODY_MACRO },
  {
    // DuckDB reads numbers as floats, and 1.50 would come back as 1.5.
    name: "numbers_as_texts",
    sql: `(body) AS array_to_string(list_transform(
  regexp_extract_all(body, '"(?:[^"\\\\]|\\\\.)*"|[-0-9][-+.0-9eE]*|[{}\\[\\],:]|true|false|null'),
  lambda token: CASE WHEN regexp_matches(token, '^[-0-9]') THEN '"' || token || '"' ELSE token END), '')`,
  },
  {
    name: "text_at",
    sql: `(texts, path) AS CASE WHEN json_type(texts, path) IN ('VARCHAR', 'BOOLEAN')
  THEN json_extract_string(texts, path) END`,
  },
  {
    name: "stands_at",
    sql: `(body, path) AS coalesce(json_type(body, path) <> 'NULL', false)`,
  },
  {
    name: "number_at",
    sql: `(body, texts, path) AS CASE WHEN json_type(body, path) IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE')
  THEN json_extract_string(texts, path) END`,
  },
  {
    name: "digits_of",
    sql: `(number) AS regexp_replace(regexp_replace(number, '[eE].*$', ''), '[^0-9]', '', 'g')`,
  },
  {
    // How many zeros a number's significant digits take to become units; negative: it has more digits than the scale.
    name: "zeros_of",
    sql: `(number, scale) AS scale + length(digits_of(number)) - length(rtrim(digits_of(number), '0'))
  - length(regexp_extract(number, '[.]([0-9]*)', 1))
  + coalesce(try_cast(regexp_extract(number, '[eE]([-+]?[0-9]+)$', 1) AS BIGINT), 0)`,
  },
  {
    name: "units_of",
    sql: `(number, scale) AS CASE
  WHEN rtrim(digits_of(number), '0') = '' THEN 0::HUGEINT
  WHEN zeros_of(number, scale) BETWEEN 0 AND 38 THEN try_cast(
    CASE WHEN starts_with(number, '-') THEN '-' ELSE '' END
    || rtrim(digits_of(number), '0') || repeat('0', zeros_of(number, scale)) AS HUGEINT) END`,
  },
  {
    name: "plain_text",
    sql: `(units, scale) AS CASE WHEN units < 0 THEN '-' ELSE '' END || (abs(units) // ('1' || repeat('0', scale))::HUGEINT)::VARCHAR
  || '.' || lpad((abs(units) % ('1' || repeat('0', scale))::HUGEINT)::VARCHAR, scale, '0')`,
  },
  {
    name: "middle_of",
    sql: `(list) AS (list_sort(list)[(len(list) + 1) // 2] + list_sort(list)[len(list) // 2 + 1]) / 2`,
  },
  {
    name: "half_even",
    sql: `(n, d) AS sign(n)::HUGEINT * (abs(n) // d + CASE
  WHEN 2 * (abs(n) % d) > d OR (2 * (abs(n) % d) = d AND (abs(n) // d) % 2 = 1) THEN 1 ELSE 0 END)`,
  },
];

/** The macros that `sql` and they themselves use, each a statement. */
export function macrosFor(sql: string): string {
  const used = new Set<string>();
  let text = sql;
  for (const macro of MACROS.toReversed()) {
    if (!text.includes(`${macro.name}(`)) continue;
    used.add(macro.name);
    text += macro.sql;
  }
  return MACROS.filter(({ name }) => used.has(name))
    .map(({ name, sql: body }) => `CREATE OR REPLACE TEMP MACRO ${name}${body};\n`)
    .join("");
}
