// Checks every import of a repository against the table "Who may import whom" of its ARCHITECTURE.md:
// the table itself, cycles between files, and files that only re-export.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { type ImportScan, scanImports } from "./import-scan.ts";

interface Row {
  readonly path: string;
  readonly may: ReadonlySet<string>;
}

interface Package {
  readonly dir: string;
  /** A workspace is reached by name; a folder that is none, by the path of its src/index.ts. */
  readonly isWorkspace: boolean;
  readonly entries: ReadonlyMap<string, string>;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

const LOADS_METRIC_FILES = "infra/adapters/src/stack";

const ticked = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? "");

/** Rows of the table; a row may name several paths. Its third column must not contradict its second. */
export function readTable(markdown: string): Row[] {
  const section = markdown.split(/^## /m).find((s) => s.startsWith("Who may import whom"));
  if (section === undefined) throw new Error("ARCHITECTURE.md has no section Who may import whom");
  const rows = section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .flatMap((line) => {
      const [paths = "", may = "", not = ""] = line.split("|").slice(1);
      for (const name of ticked(not)) {
        if (ticked(may).includes(name)) throw new Error(`the table allows and forbids ${name}`);
      }
      return ticked(paths).map((path) => ({ path, may: new Set(ticked(may)) }));
    });
  if (rows.length === 0) throw new Error("the import table is empty");
  return rows.sort((a, b) => b.path.length - a.path.length);
}

/** The workspaces, and the folders of the table that lie in none. */
function readPackages(root: string, table: readonly Row[]): Map<string, Package> {
  const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
  const found = new Map<string, Package>();
  const workspaces = json("package.json").workspaces as string[];
  for (const { path: dir } of table) {
    if (workspaces.some((workspace) => under(dir, workspace))) continue;
    const none: ReadonlySet<string> = new Set();
    const entries = new Map([[dir, `${dir}/src/index.ts`]]);
    const isWorkspace = false;
    found.set(dir, { dir, isWorkspace, entries, dependencies: none, devDependencies: none });
  }
  for (const dir of workspaces) {
    const manifest = json(posix.join(dir, "package.json"));
    const entries = Object.entries<string>(manifest.exports ?? {}).map(
      ([key, file]) => [posix.join(manifest.name, key), posix.join(dir, file)] as const,
    );
    found.set(manifest.name, {
      dir,
      isWorkspace: true,
      entries: new Map(entries),
      dependencies: new Set(Object.keys(manifest.dependencies ?? {})),
      devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
    });
  }
  return found;
}

const under = (file: string, path: string): boolean => file === path || file.startsWith(`${path}/`);
const npmName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** First import cycle through each file that closes one, as "a -> b -> a". */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const from = path.indexOf(file);
    if (from >= 0) found.push([...path.slice(from), file].join(" -> "));
    if (from >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}

export interface ImportReport {
  readonly files: number;
  readonly imports: number;
  readonly problems: readonly string[];
}

export function checkImports(root: string): ImportReport {
  const table = readTable(readFileSync(join(root, "ARCHITECTURE.md"), "utf8"));
  const packages = readPackages(root, table);
  const entryFiles = new Set([...packages.values()].flatMap((p) => [...p.entries.values()]));
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  const homes = new Map<string, string>();
  let imports = 0;

  const judge = (
    file: string,
    home: Package,
    specifier: string | undefined,
  ): string | undefined => {
    const row = table.find((r) => under(file, r.path));
    if (row === undefined) return "has no row in the import table";
    const inSource = under(file, `${home.dir}/src`);
    const inTest = under(file, `${home.dir}/test`);
    if (specifier === undefined) {
      const loads = inTest || home.dir === "infra/tandem" || under(file, LOADS_METRIC_FILES);
      return loads ? undefined : "imports a computed path";
    }
    if (specifier.startsWith(".")) {
      const target = posix.join(dirname(file), specifier);
      if (!under(target, home.dir)) {
        const other = [...packages.values()].find((p) => !p.isWorkspace && under(target, p.dir));
        if (other === undefined) return `reaches out of its package by path: ${specifier}`;
        if (!row.may.has(other.dir)) return `may not import ${specifier}`;
        if (other.entries.get(other.dir) === target) return undefined;
        return `imports what ${other.dir} does not export: ${specifier}`;
      }
      if (inSource && !under(target, `${home.dir}/src`)) return `reaches out of src: ${specifier}`;
      graph.get(file)?.push(target);
      if (!existsSync(join(root, target))) return `imports what is not there: ${specifier}`;
      return undefined;
    }
    if (specifier.startsWith("node:")) {
      return row.may.has("node:*") ? undefined : `may not import ${specifier}`;
    }
    const name = npmName(specifier);
    const target = packages.get(name);
    if (target !== undefined) {
      if (!row.may.has(target.dir) && target !== home) return `may not import ${specifier}`;
      if (target === home && inSource) return `imports its own package by name: ${specifier}`;
      const entry = target.entries.get(specifier);
      if (entry === undefined) return `imports what ${name} does not export: ${specifier}`;
      graph.get(file)?.push(entry);
      if (target === home) return undefined;
    } else if (!row.may.has("npm:*")) return `may not import ${specifier}`;
    const shipped = inSource || file === `${home.dir}/main.ts`;
    if (home.dependencies.has(name)) {
      const folder = file.match(/^infra\/adapters\/src\/[^/]+/)?.[0];
      if (folder === undefined || target !== undefined) return undefined;
      const first = homes.get(name) ?? folder;
      homes.set(name, first);
      return first === folder ? undefined : `imports ${name}, which belongs to ${first}`;
    }
    if (!shipped && home.devDependencies.has(name)) return undefined;
    return `imports ${name}, which its package.json does not declare`;
  };

  for (const home of packages.values()) {
    const names = globSync(`${home.dir}/**/*.{ts,mts,mjs}`, {
      cwd: root,
      exclude: (path) => /(^|\/)(node_modules|dist|coverage|\.work)$/.test(path),
    });
    for (const file of names.sort()) {
      if (file.endsWith(".d.ts")) continue;
      graph.set(file, []);
      let scan: ImportScan;
      try {
        scan = scanImports(readFileSync(join(root, file), "utf8"));
      } catch (error) {
        problems.push(`${file} cannot be read: ${String(error)}`);
        continue;
      }
      imports += scan.specifiers.length;
      for (const specifier of scan.specifiers) {
        const problem = judge(file, home, specifier);
        if (problem !== undefined) problems.push(`${file} ${problem}`);
      }
      if (scan.barrel && !entryFiles.has(file)) problems.push(`${file} is a barrel file`);
    }
  }
  for (const cycle of cycles(graph)) problems.push(`import cycle: ${cycle}`);
  return { files: graph.size, imports, problems };
}
