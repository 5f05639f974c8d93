// Events of every JSON that there is: objects and arrays within each other, keys twice, white space anywhere,
// numbers and texts as oddly as they can be written; and events that look alike, as most do.
import fc from "fast-check";

const space = fc.constantFrom("", "", "", " ", "\n", "\t ", "\r\n");
const char = fc.constantFrom(
  ..."abcé😀 /:,{}[]0123456789",
  "\\n",
  '\\"',
  "\\\\",
  "\\/",
  "\\u0000",
  "\\u001f",
  "\\u00e9",
  "\\ud83d\\ude00",
  "\\ud800",
  "\\udc00",
  "\u007f",
  "\u2028",
);
const text = fc.array(char, { maxLength: 12 }).map((chars) => `"${chars.join("")}"`);
const digits = fc.array(fc.constantFrom(..."0123456789"), { minLength: 1, maxLength: 20 });
const number = fc.oneof(
  fc.constantFrom("0", "-0", "1.0", "1e3", "1E+3", "-0.0e-0", "12345678901234567890", "0.1"),
  fc.integer().map(String),
  digits.map((d) => `-${Number(d[0]) === 0 ? "0" : d.join("")}.${d.join("")}e${d[0]}`),
);
const scalar = fc.oneof(text, text, number, fc.constantFrom("true", "false", "null"));

const list = (open: string, items: fc.Arbitrary<string>, close: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(
        fc.tuple(space, items, space).map((p) => p.join("")),
        { maxLength: 5 },
      ),
      space,
    )
    .map(([parts, between]) => `${open}${parts.length === 0 ? between : parts.join(",")}${close}`);

export const anyJson = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, tie("object"), list("[", tie("value"), "]")),
  object: list(
    "{",
    fc
      .tuple(fc.oneof(text, fc.constantFrom('"a"', '"b"', '"user_id"')), space, space, tie("value"))
      .map(([key, before, behind, value]) => `${key}${before}:${behind}${value}`),
    "}",
  ),
}));

/** How times are written. */
const moment = (ms: number, way: number): string => {
  const iso = new Date(ms).toISOString();
  if (way === 0) return `"${iso}"`;
  if (way === 1) return `"${iso.slice(0, 19)}Z"`;
  return way === 2 ? String(ms) : `"${iso.slice(0, 23)}+00:00"`;
};

const START_MS = 1_569_888_000_000;

/** Bodies of which each could be an object's: an id of its own, and whatever else. */
export const anyBodies = fc
  .array(
    fc.record({
      alike: fc.boolean(),
      json: anyJson.value,
      more: fc.oneof(fc.constant(undefined), anyJson.value),
      way: fc.nat(3),
      country: fc.constantFrom('"DE"', '"US"', "null", '"D\\u0045"'),
      number: fc.nat(99_999),
      price: number,
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((events) =>
    events.map(({ alike, json, more, way, country, number: n, price }, i) => {
      const ms = START_MS + i * (way === 1 ? 1000 : 977);
      const head = `{"event_id":"e${i}","event_type":"view","timestamp":${moment(ms, way)},"user_id":"u${n % 7}"`;
      const properties = alike
        ? `{"country":${country},"path":"/p/${n}","price":${price},"tenant":"acme"}`
        : `{"a":${json}}`;
      return `${head},"properties":${properties}${more === undefined ? "" : ` , "more": ${more}`}}`;
    }),
  );
