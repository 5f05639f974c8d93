// Holds every import of the repository against the table in ARCHITECTURE.md, and proves on a planted
// little repository that each rule fires.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it, test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkImports, readTable } from "./import-rules.ts";
import { scanImports } from "./import-scan.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const architecture = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");

test("every import of the repository keeps to the table", (t) => {
  const { files, imports, problems } = checkImports(root);
  t.diagnostic(`${files} files, ${imports} imports`);
  assert.deepEqual(problems, []);
  assert.ok(files >= 10 && imports >= 20, `only ${files} files and ${imports} imports were read`);
});

test("the table has a row for every workspace", () => {
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const rows = readTable(architecture).map((row) => row.path);
  for (const dir of workspaces) assert.ok(rows.includes(dir) || rows.includes(`${dir}/src`), dir);
});

describe("reading imports", () => {
  const cases: readonly (readonly [source: string, specifiers: (string | undefined)[]])[] = [
    ['import a, { type B } from "x";', ["x"]],
    ["import * as a from 'x'\nimport 'y'", ["x", "y"]],
    ['import type { A } from "x";\nimport type B from "y";', ["x", "y"]],
    ['import {\n  a, // from "no"\n  b,\n} from "x";', ["x"]],
    ['export { a } from "x"; export * from "y"; export * as z from "z";', ["x", "y", "z"]],
    ['export type { A } from "x"; export type * from "y";', ["x", "y"]],
    ['const a = await import("x");', ["x"]],
    ["const a = await import(`x`);", ["x"]],
    ["const a = await import(`./" + "$" + "{b}.ts`);", [undefined]],
    ["const a = await import(b);", [undefined]],
    ['type A = import("x").B;\nlet c: typeof import("y");', ["x", "y"]],
    ['import a from "./x.json" with { type: "json" };', ["./x.json"]],
    ["`$" + '{await import("x")} import("no")`', ["x"]],
    ['// import "no"\n/* import("no") */ "import(\'no\')"; /import("no")/;', []],
    ['import.meta.url; a.import("no"); const b = { import: 1 }; export const c = 4 / 2 / 1;', []],
    ["export { a };\nexport type B = 1;\nexport default a;", []],
  ];
  for (const [source, specifiers] of cases) {
    it(JSON.stringify(source), () => assert.deepEqual(scanImports(source).specifiers, specifiers));
  }

  const barrels: readonly (readonly [source: string, barrel: boolean])[] = [
    ['// all\nexport * from "./a.ts";', true],
    ['import { a } from "./a.ts";\nexport { a };', true],
    ['export { a } from "./a.ts";\nexport type { B } from "./b.ts";', true],
    ['export { a } from "./a.ts";\nexport const b = 1;', false],
    ["export {};", false],
    ['import "./a.ts";', false],
  ];
  for (const [source, barrel] of barrels) {
    it(`${barrel ? "barrel" : "no barrel"}: ${JSON.stringify(source)}`, () =>
      assert.equal(scanImports(source).barrel, barrel));
  }
});

describe("planted violations", () => {
  const dir = mkdtempSync(join(tmpdir(), "tandem-imports-"));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const layers = ["ingest", "speed-layer", "batch-layer", "serving"];
  const workspaces = ["shared-logic", ...layers, "infra/adapters", "infra/tandem"];

  /** A clean little repository in the shape of this one, and one further file. */
  const plant = (number: number, files: Readonly<Record<string, string>>): readonly string[] => {
    const base = join(dir, String(number));
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(base, path)), { recursive: true });
      writeFileSync(join(base, path), text);
    };
    write("ARCHITECTURE.md", architecture);
    write("package.json", JSON.stringify({ workspaces }));
    for (const name of workspaces) {
      const manifest = readFileSync(join(root, name, "package.json"), "utf8");
      write(`${name}/package.json`, manifest);
      for (const entry of Object.values<string>(JSON.parse(manifest).exports)) {
        write(join(name, entry), "export const x = 1;\n");
      }
    }
    for (const [path, text] of Object.entries(files)) write(path, text);
    return checkImports(base).problems;
  };
  const use = (specifier: string): string =>
    `import { x } from "${specifier}";\nexport const y = x;\n`;

  type Case = readonly [path: string, code: string, problem: RegExp | undefined];
  const layerCases = layers.flatMap((layer): Case[] => {
    const other = layer === "ingest" ? "serving" : "ingest";
    return [
      [`${layer}/src/a.ts`, use("@tandem/shared-logic") + use("node:fs"), undefined],
      [`${layer}/test/a.ts`, use("@tandem/shared-logic/testing") + use("fast-check"), undefined],
      [`${layer}/test/a.ts`, use(`@tandem/${layer}`), undefined],
      [`${layer}/main.ts`, use("@tandem/adapters/embedded") + use("./src/index.ts"), undefined],
      [`${layer}/src/a.ts`, use(`@tandem/${other}`), /may not import/],
      [`${layer}/src/a.ts`, `export type A = import("@tandem/${other}").A;`, /may not import/],
      [`${layer}/src/a.ts`, `import type { A } from "@tandem/${other}";`, /may not import/],
      [`${layer}/src/a.ts`, `await import("@tandem/${other}");`, /may not import/],
      [`${layer}/src/a.ts`, "await import(path);", /computed path/],
      [`${layer}/src/a.ts`, use("@tandem/adapters/memory"), /may not import/],
      [`${layer}/test/a.ts`, use("@tandem/adapters/memory"), /may not import/],
      [`${layer}/main.ts`, use("@tandem/tandem"), /may not import/],
      [`${layer}/main.ts`, use(`@tandem/${other}`), /may not import/],
      [`${layer}/src/a.ts`, use(`../../${other}/src/index.ts`), /out of its package by path/],
      [`${layer}/src/a.ts`, use("fast-check"), /does not declare/],
    ];
  });
  const cases: readonly Case[] = [
    ...layerCases,
    ["shared-logic/src/a.ts", use("./index.ts"), undefined],
    ["shared-logic/test/a.ts", use("fast-check") + use("node:test"), undefined],
    ["shared-logic/src/a.ts", use("node:fs"), /may not import node:fs/],
    ["shared-logic/src/a.ts", use("zod"), /may not import zod/],
    ["shared-logic/src/a.ts", 'export type A = import("zod").A;', /may not import zod/],
    ["shared-logic/src/a.ts", use("@tandem/serving"), /may not import/],
    ["shared-logic/test/a.ts", use("@tandem/serving"), /may not import/],
    ["shared-logic/src/a.ts", use("../test/b.ts"), /out of src/],
    ["shared-logic/src/a.ts", use("@tandem/shared-logic"), /own package by name/],
    ["serving/src/a.ts", use("@tandem/shared-logic/src/a.ts"), /does not export/],
    ["serving/src/a.ts", use("./gone.ts"), /not there/],
    ["serving/other/a.ts", use("@tandem/shared-logic"), undefined],
    ["shared-logic/other/a.ts", "", undefined],
    ["shared-logic/other/a.ts", use("node:fs"), /no row/],
    ["infra/adapters/src/parquet/a.ts", use("hyparquet"), undefined],
    ["infra/adapters/src/parquet/a.ts", use("@tandem/ingest"), /may not import/],
    ["infra/adapters/src/parquet/a.ts", use("@tandem/tandem"), /may not import/],
    ["infra/adapters/src/parquet/a.ts", "await import(path);", /computed path/],
    ["infra/adapters/src/stack/a.ts", "await import(path);", undefined],
    ["infra/tandem/src/a.ts", use("@tandem/adapters/memory") + use("@tandem/serving"), undefined],
    ["infra/tandem/src/a.ts", "await import(path);", undefined],
    ["infra/tandem/src/a.ts", use("@tandem/tandem"), /own package by name/],
    ["infra/servers/src/a.ts", use("node:fs") + use("./b.ts"), /not there/],
    ["infra/servers/src/a.ts", use("node:fs"), undefined],
    ["infra/servers/test/a.ts", use("node:fs") + use("fast-check"), /may not import fast-check/],
    ["infra/servers/src/a.ts", use("@tandem/shared-logic"), /may not import/],
    ["infra/servers/src/index.ts", "export * from 'node:fs';", undefined],
    ["infra/tandem/src/a.ts", use("../../servers/src/index.ts"), undefined],
    ["infra/tandem/src/a.ts", use("../../servers/src/set.ts"), /does not export/],
    ["infra/adapters/test-real/kafka/a.ts", use("../../../servers/src/index.ts"), undefined],
    ["infra/adapters/src/kafka/a.ts", use("../../../servers/src/index.ts"), /may not import/],
    ["serving/src/a.ts", use("../../infra/servers/src/index.ts"), /may not import/],
    ["serving/src/a.ts", 'export * from "./index.ts";', /barrel/],
    ["serving/src/deep/index.ts", 'export { x } from "../index.ts";', /barrel/],
    ["serving/src/index.ts", 'export * from "./b.ts";', /not there/],
    ["serving/src/a.ts", 'export const a = "', /cannot be read/],
  ];
  cases.forEach(([path, code, problem], i) => {
    it(`${path}: ${code.split("\n")[0]} -> ${problem?.source ?? "clean"}`, () => {
      const problems = plant(i, { [path]: code });
      if (problem === undefined) assert.deepEqual(problems, []);
      else {
        assert.equal(problems.length, 1, problems.join("\n"));
        assert.match(problems[0] ?? "", problem);
      }
    });
  });

  it("an entry that re-exports is no barrel", () =>
    assert.deepEqual(
      plant(1000, {
        "serving/src/index.ts": 'export * from "./b.ts";',
        "serving/src/b.ts": "export const b = 1;",
      }),
      [],
    ));
  it("a cycle of two files", () =>
    assert.deepEqual(
      plant(1001, { "ingest/src/a.ts": use("./b.ts"), "ingest/src/b.ts": use("./a.ts") }),
      ["import cycle: ingest/src/a.ts -> ingest/src/b.ts -> ingest/src/a.ts"],
    ));
  it("a cycle through types only", () =>
    assert.equal(
      plant(1002, {
        "ingest/src/a.ts": 'import type { B } from "./b.ts";\nexport type A = B;',
        "ingest/src/b.ts": 'export type B = import("./a.ts").A;',
      }).length,
      1,
    ));
  it("a client library in two adapter folders", () =>
    assert.deepEqual(
      plant(1003, {
        "infra/adapters/src/embedded/a.ts": use("hyparquet"),
        "infra/adapters/src/parquet/a.ts": use("hyparquet"),
      }),
      [
        "infra/adapters/src/parquet/a.ts imports hyparquet, which belongs to infra/adapters/src/embedded",
      ],
    ));
  it("a table that allows and forbids", () =>
    assert.throws(() => readTable("## Who may import whom\n|a|b|c|\n|-|-|-|\n|`a`|`b`|`b`|\n")));
});
