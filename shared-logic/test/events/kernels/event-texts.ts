// JSON texts of events that look alike, most of them as they should be, with everything in some that a kernel must leave
// to its twins.
import { below, type Random } from "../../../src/ports/random.ts";

export const pick = <T>(random: Random, from: readonly T[]): T =>
  from[below(random, from.length)] as T;

/** JSON texts, most of them plain, some with what a field should not hold. */
const seldom = (random: Random, usual: string, odd: readonly string[]): string =>
  below(random, 25) === 0 ? pick(random, odd) : usual;
const ODD_TEXTS = [
  '""',
  "null",
  "7",
  "true",
  '"\\u0041b"',
  '"é€😀"',
  `"${"x".repeat(201)}"`,
  '"a\\"b"',
  "[1]",
  "{}",
];
const BROKEN = ['"\u0001"', '"\\x"', "tru", "01", "1.", "-", '"open', "", "nul", '"\\u00g0"'];
const TIMES = [
  '"2026-03-02T10:20:30.123Z"',
  '"2026-03-02"',
  '"2026-02-29"',
  '"2024-02-29T00:00:00Z"',
  '"2026-03-02T10:20Z"',
  '"2026-03-02T10:20:30.123456789+05:30"',
  '"2026-03-02 10:20:30,5-0100"',
  '"1969-12-31T23:59:59Z"',
  "1772445600000",
  "0",
  "-0",
  "-1",
  "1772445600000.0",
  "1772445600000.5",
  "1.7724456e12",
  "1772445600e3",
  "253402300799999",
  "253402300800000",
  "9999999999999999",
  "01772445600000",
  '"9999-12-31T23:59:59.999Z"',
  '"2026-13-01"',
  '"2026-03-02T24:00:00Z"',
  '"2026-03-02T10:20:30.Z"',
  '"x"',
  '"\\u0032026-03-02"',
];

function timeText(random: Random): string {
  if (below(random, 3) === 0) return String(1_772_445_600_000 + below(random, 86_400_000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `2026-03-${two(1 + below(random, 28))}`;
  const clock = `${two(below(random, 24))}:${two(below(random, 60))}:${two(below(random, 60))}`;
  return `"${day}T${clock}.${String(below(random, 1000)).padStart(3, "0")}Z"`;
}

/** Keys, strings and numbers beyond what is looked at in one step, with something odd anywhere in few. */
function longMember(random: Random): string {
  const odd = seldom(random, "", ["\\n", "é", "\\u00e9", "\u0001", '"', "\\", "\u00ff"]);
  const text = `${"x".repeat(below(random, 150))}${odd}${"y".repeat(below(random, 150))}`;
  const digits = "1234567890".repeat(4).slice(0, 1 + below(random, 40));
  return `"a_key_of_more_than_sixteen":"${text}","and_one_that_takes_more_than_forty_eight_bytes_or_so":${digits}`;
}

export function eventText(random: Random, i: number): string {
  const odd = [...ODD_TEXTS, ...BROKEN];
  const id = seldom(random, `"event-${i}-${"i".repeat(below(random, 40))}"`, odd);
  const type = seldom(random, pick(random, ['"view"', '"click"', '"a type of some length"']), odd);
  const users = ['"u1"', '"u22"', '"user-of-more-than-16-bytes"', '"ü"', '""', "null"];
  const country = seldom(random, pick(random, ['"DE"', '"FR"', "3", "1.25", "false", "null"]), odd);
  const parts = [
    `"event_id":${id}`,
    `"event_type":${type}`,
    `"timestamp":${seldom(random, timeText(random), TIMES)}`,
    ...(below(random, 3) > 0
      ? [`"tenant_id":${seldom(random, `"t${below(random, 9)}"`, odd)}`]
      : []),
    ...(below(random, 2) > 0 ? [`"user_id":${seldom(random, pick(random, users), odd)}`] : []),
    ...(below(random, 4) === 0
      ? [`"anonymous_id":${seldom(random, pick(random, users), odd)}`]
      : []),
    ...(below(random, 4) === 0 ? [`"received_at":${seldom(random, timeText(random), TIMES)}`] : []),
    ...(below(random, 9) === 0 ? [`"sent_at":${seldom(random, timeText(random), TIMES)}`] : []),
    ...(below(random, 9) === 0 ? [`"version":${seldom(random, "1", odd)}`] : []),
    `"session_id":${seldom(random, `"s${below(random, 3000)}"`, odd)}`,
    `"properties":${seldom(random, `{"country":${country},"price":${below(random, 1e6) / 100},"deep":{"er":"${"z".repeat(below(random, 20))}"},${longMember(random)}}`, [...odd, "[]"])}`,
  ];
  // Keys twice, another order, white space, something behind: all are for the twins.
  if (below(random, 60) === 0) parts.push('"event_type":"twice"');
  if (below(random, 60) === 0) parts.reverse();
  const space = below(random, 60) === 0 ? " " : "";
  return `${space}{${space}${parts.join(`,${space}`)}}${space}${below(random, 90) === 0 ? "x" : ""}`;
}
