// Reads as much YAML as compose.yaml is written in: block maps, flow lists of scalars, quoted and plain
// scalars (all as text), comments, anchors, aliases and merge keys. Anything else throws.

export type Yaml = string | null | Yaml[] | { [key: string]: Yaml };
export type YamlMap = { [key: string]: Yaml };

interface Line {
  readonly indent: number;
  readonly key: string;
  readonly rest: string;
}

export function parseComposeYaml(text: string): YamlMap {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .map((line): Line => {
      const match = /^( *)([\w<.-]+):(?: (.*))?$/.exec(line);
      if (match === null) throw new RangeError(`not of this YAML: ${line}`);
      return { indent: match[1]?.length ?? 0, key: match[2] ?? "", rest: match[3]?.trim() ?? "" };
    });
  const anchors = new Map<string, Yaml>();
  let at = 0;

  const block = (indent: number): YamlMap => {
    const own: YamlMap = {};
    const merged: YamlMap = {};
    for (let line = lines[at]; line !== undefined && line.indent >= indent; line = lines[at]) {
      if (line.indent > indent) throw new RangeError(`indented too far: ${line.key}`);
      if (Object.hasOwn(own, line.key)) throw new RangeError(`twice: ${line.key}`);
      at++;
      const { anchor, rest } = /^(?:&(?<anchor>\w+)\s*)?(?<rest>.*)$/.exec(line.rest)?.groups ?? {};
      const next = lines[at];
      const value =
        rest === "" && next !== undefined && next.indent > indent ? block(next.indent) : flow(rest);
      if (anchor !== undefined) anchors.set(anchor, value);
      if (line.key === "<<") Object.assign(merged, value);
      else own[line.key] = value;
    }
    return { ...merged, ...own };
  };

  const flow = (source = ""): Yaml => {
    if (source === "") return null;
    if (source === "{}") return {};
    if (source.startsWith("*")) {
      const value = anchors.get(source.slice(1));
      if (value === undefined) throw new RangeError(`no anchor ${source}`);
      return value;
    }
    if (source.startsWith("[")) {
      const items = /^\[(.*)\]$/.exec(source)?.[1];
      if (items === undefined) throw new RangeError(`not a list in one line: ${source}`);
      return (items.match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? [])
        .map((item) => item.trim())
        .filter((item) => item !== "")
        .map(scalar);
    }
    return scalar(source);
  };

  const tree = block(0);
  if (at < lines.length) throw new RangeError(`not read to the end: ${lines[at]?.key}`);
  return tree;
}

function scalar(source: string): string {
  if (source.startsWith('"')) return JSON.parse(source) as string;
  if (/^['&*|>!{]| #|: /.test(source)) throw new RangeError(`not of this YAML: ${source}`);
  return source;
}
