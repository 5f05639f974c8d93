// Compiles shared-logic/assembly into the module that shared-logic carries as text, so that nobody else needs a
// compiler. With --check: whether the module is what the source says.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

interface Compiler {
  main(
    argv: readonly string[],
    options: {
      readFile(name: string): string | null;
      writeFile(name: string, bytes: Uint8Array): void;
    },
  ): Promise<{ error: Error | null; stderr: { toString(): string } }>;
}

const sharedLogic = join(import.meta.dirname, "../../shared-logic");
/** Each of them a module, in a folder of shared-logic/src. */
const KERNELS = {
  "event-kernel": "events",
  "text-kernel": "events",
  "id-kernel": "events",
  "sketch-kernel": "sketches",
};
const FLAGS = ["-O3", "--runtime", "stub", "--noAssert", "--importMemory"];
const FEATURES = ["--enable", "simd", "--enable", "bulk-memory"];

async function compile(kernel: string): Promise<Uint8Array> {
  // Installed here alone, so nobody else's type check knows it.
  const name = "assemblyscript/asc";
  const compiler = ((await import(name)) as { default: Compiler }).default;
  let bytes: Uint8Array | undefined;
  const folder = join(sharedLogic, "assembly");
  const sources = new Map<string, string>();
  for (const file of await readdir(folder)) {
    sources.set(file, await readFile(join(folder, file), "utf8"));
  }
  // The compiler believes that its files end in .ts; ours do not, because no tool for TypeScript can read them.
  const argv = [`${kernel}.ts`, "--outFile", "kernel.wasm", ...FLAGS, ...FEATURES];
  const { error, stderr } = await compiler.main(argv, {
    readFile: (file) => sources.get(file.replace(/\.ts$/, ".as")) ?? null,
    writeFile: (file, written) => {
      if (file.endsWith(".wasm")) bytes = written;
    },
  });
  if (error || !bytes) throw new Error(`${kernel} does not compile\n${stderr.toString()}`);
  return bytes;
}

function sourceOf(kernel: string, bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes).toString("base64");
  return `// Compiled from assembly/${kernel}.as by \`make kernels\`, as base64: not to be edited.
const BASE64 =
  "${base64}";

/** The WebAssembly module's bytes. */
export const ${kernel.toUpperCase().replace("-", "_")}_MODULE = (): Uint8Array =>
  Uint8Array.from(atob(BASE64), (c) => c.charCodeAt(0));
`;
}

for (const [kernel, folder] of Object.entries(KERNELS)) {
  const target = join(sharedLogic, `src/${folder}/kernels/${kernel}-module.ts`);
  const made = sourceOf(kernel, await compile(kernel));
  if (!process.argv.includes("--check")) {
    await writeFile(target, made);
    console.log(`${target}: ${made.length} characters`);
  } else if ((await readFile(target, "utf8")) !== made) {
    console.error(`${target} is not what assembly/${kernel}.as compiles to: run \`make kernels\``);
    process.exitCode = 1;
  } else console.log(`${kernel}'s module is what its source compiles to`);
}
