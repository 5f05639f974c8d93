// docs/configuration.md, made of the schema: `tandem config page` prints it, a test holds the file to it.
import { SETTINGS, type Setting } from "./setting-list.ts";

const HEAD = `# Configuration

One schema, three ways to set it, each over the one before: a JSON file (\`--config FILE\` or \`TANDEM_CONFIG\`), environment variables, the command
line. Names in the file are the paths below, as nested objects; an environment variable's name is \`TANDEM_\` and the path's words in capitals. Lists are
separated by commas in the environment and are arrays in the file. A name that is no setting is refused with the nearest one; an empty variable is an unset one.

\`npx tandem config show\` prints every effective value and where it came from, secrets as \`***\`. This page is made of the schema (\`npx tandem config page\`).

\`\`\`json
{ "stack": "real", "kafka": { "brokers": ["10.0.0.5:9092"] }, "s3": { "endpoint": "http://10.0.0.6:9000" } }
\`\`\`
`;

const WHAT: Readonly<Record<string, string>> = {
  "": "General",
  ports: "Ports (which adapter serves which port; override what `stack` chooses)",
  dataset: "Dataset",
  kafka: "Kafka",
  cassandra: "Cassandra",
  s3: "S3",
  redis: "Redis",
  collector: "Collector",
  serving: "Serving",
  operations: "Operations (Prometheus text, `/healthz` and `/readyz` of each process)",
  spool: "Spool",
  speed: "Speed layer",
  archive: "Archiver",
  batch: "Batch layer",
  retention:
    "Retention ([retention.md](retention.md); of the dataset, the same in every batch process)",
  processes: "Processes (`make up` starts these)",
};

export function configurationPage(): string {
  const sections = Map.groupBy(SETTINGS, (s) => (s.path.includes(".") ? s.path.split(".")[0] : ""));
  let page = HEAD;
  for (const [section = "", settings] of sections) {
    page += `\n## ${WHAT[section] ?? section}\n\n| setting | environment | default | what it is |\n|---|---|---|---|\n`;
    for (const s of settings) page += row(s);
  }
  return page;
}

function row(s: Setting): string {
  const choices = s.choices ? ` One of ${s.choices.map((c) => `\`${c}\``).join(", ")}.` : "";
  const secret = s.secret ? " Secret." : "";
  return `| \`${s.path}\` | \`${s.env}\` | ${fallback(s)} | ${s.about}${choices}${secret} |\n`;
}

function fallback(s: Setting): string {
  if (s.otherwise !== undefined) return s.otherwise;
  if (s.fallback === undefined) return "none";
  const text = s.kind === "json" ? JSON.stringify(s.fallback) : String(s.fallback);
  const value = Array.isArray(s.fallback) ? s.fallback.join(",") : text;
  if (value === "") return "empty";
  return `\`${value}\`${s.unit === undefined ? "" : ` ${s.unit}`}`;
}
