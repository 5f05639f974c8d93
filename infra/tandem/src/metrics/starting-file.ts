// The file that `tandem metrics new` writes: a metric that loads, passes the law gate and says what to change.

/** What a metric may be called; the same rule as `metric()` has. */
export const METRIC_NAME = /^[a-z][a-z0-9_]{0,63}$/;

const exportName = (name: string): string =>
  name.replace(/_+([a-z0-9]?)/g, (_, next: string) => next.toUpperCase());
const titleOf = (name: string): string =>
  (name[0] ?? "").toUpperCase() + name.slice(1).replaceAll("_", " ");

export const startingFile = (
  name: string,
): string => `// ${titleOf(name)}: say here what is counted, and of whom.
import { decimal, eventType, metric, sum } from "@tandem/shared-logic";

export const ${exportName(name)}${RESERVED.has(exportName(name)) ? "Metric" : ""} = metric({
  name: "${name}",
  title: "${titleOf(name)}",
  // Shown beside the number: events, users, currency, seconds, ratio, …
  unit: "currency",
  // Raise it when the meaning changes: both versions are then kept beside each other.
  version: 1,
  // Which events count. Leave it out for all of them.
  where: eventType("purchase"),
  // What is made of them: count(), sum, mean, min, max, quantile, distinct(user()), topK, ratio, perUser(…).
  reducer: sum(decimal("properties.price", { scale: 2 })),
  // Breakdowns beside the total; each is a list of paths.
  by: [["properties.country"]],
  // Documentation and test in one: events, and the number that they must give.
  examples: [
    {
      title: "purchases count, views do not",
      events: [
        {
          event_type: "purchase",
          timestamp: "2026-03-02T10:00:00Z",
          user_id: "ann",
          properties: { price: 12.5, country: "DE" },
        },
        {
          event_type: "view",
          timestamp: "2026-03-02T10:05:00Z",
          user_id: "bob",
          properties: { price: 99, country: "DE" },
        },
      ],
      value: "12.5",
      by: { dims: ["properties.country"], groups: { '["DE"]': "12.5" } },
    },
  ],
});
`;

/** Names that the file imports, and words that no variable can be called. */
const RESERVED: ReadonlySet<string> = new Set(
  `decimal eventType metric sum break case catch class const continue debugger default delete do else enum
  export extends false finally for function if implements import in instanceof interface let new null package
  private protected public return static super switch this throw true try typeof var void while with yield
  await async arguments eval undefined`.split(/\s+/),
);
