// What a person looks at, and its form behind the # of a link: everything but the key. Whatever a link says, the
// result is a view that can be shown.

export const PAGES = ["metrics", "reconciliation", "system"] as const;
export const RANGES = ["1h", "24h", "7d", "30d", "90d"] as const;
export const GRAINS = ["minute", "hour", "day", "week", "month"] as const;
export const COMPARES = ["", "previous_period", "previous_year"] as const;
export const MOST_METRICS = 6;

export interface View {
  readonly page: (typeof PAGES)[number];
  /** Empty: the first ones there are. */
  readonly metrics: readonly string[];
  /** One of RANGES, or `FROM..UNTIL` in days. */
  readonly range: string;
  /** Empty: what suits the range. */
  readonly grain: string;
  readonly zone: string;
  readonly by: string;
  readonly where: string;
  readonly compare: (typeof COMPARES)[number];
  readonly live: boolean;
}

const DATES = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/;

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const among = <T extends string>(all: readonly T[], text: string | null, other: T): T =>
  all.find((one) => one === text) ?? other;

export function viewOf(hash: string): View {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const range = said.get("range") ?? "";
  const zone = said.get("zone") ?? "UTC";
  return {
    page: among(PAGES, said.get("page"), "metrics"),
    metrics: [...new Set((said.get("metrics") ?? "").split(",").filter((m) => m !== ""))].slice(
      0,
      MOST_METRICS,
    ),
    range: DATES.test(range) ? range : among(RANGES, range, "24h"),
    grain: among(["", ...GRAINS], said.get("grain"), ""),
    zone: isZone(zone) ? zone : "UTC",
    by: said.get("by") ?? "",
    where: said.get("where") ?? "",
    compare: among(COMPARES, said.get("compare"), ""),
    live: said.get("live") !== "off",
  };
}

/** Only what differs from what an empty hash shows. */
export function hashOf(view: View): string {
  const plain = viewOf("");
  const said = new URLSearchParams();
  const put = (name: string, value: string, usual: string): void => {
    if (value !== usual) said.set(name, value);
  };
  put("page", view.page, plain.page);
  put("metrics", view.metrics.join(","), "");
  put("range", view.range, plain.range);
  put("grain", view.grain, plain.grain);
  put("zone", view.zone, plain.zone);
  put("by", view.by, plain.by);
  put("where", view.where, plain.where);
  put("compare", view.compare, plain.compare);
  put("live", view.live ? "on" : "off", "on");
  return `#${said}`;
}

/** First and last day (exclusive) of a range by hand. */
export function datesOf(range: string): readonly [from: string, until: string] | undefined {
  const [, from, until] = DATES.exec(range) ?? [];
  return from !== undefined && until !== undefined ? [from, until] : undefined;
}
