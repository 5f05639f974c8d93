// Events as clients really send them, seeded: few users who come back, odd texts, numbers in every notation, fields that
// are missing or of another kind, copies with other values, and events that come days late.
import { below, type EpochMs, HOUR_MS, MINUTE_MS, type Random } from "@tandem/shared-logic";

export interface Line {
  readonly tenant: string;
  readonly json: string;
}

const TYPES = [
  ...["view", "view", "view", "page_view", "page_view", "cart", "cart", "purchase", "request"],
  ...["error", "signup_started", "signup_completed", "login", "product_view"],
];
const ODD = ["DE", "US", "de", "", " ", "DE ", "\u{1F600}", "Ä'\"", "a,b\\n", "(other)", "null"];
const NUMBERS = [
  ...[
    "0",
    "-0",
    "1.5",
    "1.50",
    "2.125",
    "2.375",
    "19.99",
    "-3.25",
    "1e2",
    "2.5E-1",
    "1e-7",
    "0.0001",
  ],
  ...["12345678901234567", "9007199254740993.125", "1234567890123456789", "1E16"],
];

const pick = <T>(random: Random, of: readonly T[]): T => of[below(random, of.length)] as T;
const text = (value: unknown): string => JSON.stringify(value);

/** A place of an object: nothing, null, something of another kind, or one of `usual` as JSON. */
function place(random: Random, key: string, usual: () => string): string[] {
  const kind = below(random, 12);
  if (kind === 0) return [];
  const odd = ["null", "true", "[1]", '{"a":1}', text("7"), "7"];
  return [`${text(key)}: ${kind === 1 ? pick(random, odd) : usual()}`];
}

export interface GeneratedOptions {
  readonly from: EpochMs;
  readonly days: number;
  readonly events: number;
  readonly users: number;
}

/** In the order of receipt. */
export function generatedLines(random: Random, o: GeneratedOptions): Line[] {
  const lines: { readonly at: number; readonly line: Line }[] = [];
  let [user, atMs] = [0, o.from as number];
  for (let n = 0; n < o.events; n++) {
    // Users act in bursts, some of their gaps being just what ends a session or a step.
    if (below(random, 4) === 0) {
      user = below(random, o.users);
      atMs = o.from + below(random, o.days * 24) * HOUR_MS + below(random, 60) * MINUTE_MS;
    } else atMs += pick(random, [0, 0, 1, 1000, 5 * MINUTE_MS, 30 * MINUTE_MS, 30 * MINUTE_MS + 1]);
    const tenant = user % 5 === 0 ? "other" : "shop";
    const body = eventOf(random, `${user}`, `${below(random, 1e9)}-${n}`, atMs);
    const receivedMs = atMs + (below(random, 20) === 0 ? below(random, 80) * HOUR_MS : 0);
    lines.push({ at: receivedMs, line: { tenant, json: body(receivedMs) } });
    if (below(random, 10) > 0) continue;
    // A copy says something else: the first one counts.
    const copyMs = receivedMs + below(random, 3) * 20 * HOUR_MS;
    const copy = body(copyMs).replace('"DE"', '"US"').replace("view", "cart");
    lines.push({ at: copyMs, line: { tenant, json: copy } });
  }
  return lines.sort((a, b) => a.at - b.at).map(({ line }) => line);
}

function eventOf(random: Random, user: string, id: string, atMs: number) {
  const who = below(random, 12);
  const number = () => pick(random, NUMBERS);
  const properties = [
    ...place(random, "country", () => text(pick(random, ODD))),
    ...place(random, "price", number),
    ...place(random, "duration_ms", () => `${below(random, 5000)}.${below(random, 1000)}`),
    ...place(random, "path", () => text(`/${below(random, 9)}`)),
    ...place(random, "product_id", () => `${below(random, 7)}.${below(random, 2)}0`),
    ...place(random, "order_id", () => text(`o${below(random, 40)}`)),
    ...place(random, 'odd "key" $*', () => text(pick(random, ODD))),
    ...place(random, "route", () => text(pick(random, ["/a", "/b"]))),
  ];
  const parts = [
    `"event_id": ${text(id)}`,
    `"event_type": ${text(pick(random, TYPES))}`,
    `"timestamp": ${atMs}`,
    ...(who === 0 ? [] : [`${who === 1 ? '"anonymous_id"' : '"user_id"'}: ${text(user)}`]),
    ...place(random, "session_id", () => text(`s${below(random, 9)}`)).filter((part) =>
      /: ("|null)/.test(part),
    ),
    ...place(random, "version", () => pick(random, ["1.10", '"1.10"', "2"])).filter(
      (part) => !/[[{]|true/.test(part),
    ),
    `"properties": {${properties.join(" ,")}}`,
    `"context": {${place(random, "platform", () => text(pick(random, ["web", "ios", "tv"]))).join("")}}`,
  ];
  return (receivedMs: number): string =>
    `{ ${[...parts, `"received_at": ${receivedMs}`].join(", ")} }`;
}
