// What is used of WebAssembly, which has no types where neither Node nor a browser is assumed.

export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Functions, and constants as globals. */
export type Exports = Readonly<Record<string, unknown>>;

export interface Engine {
  readonly Memory: new (size: { initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
}

declare const WebAssembly: Engine | undefined;

/** Undefined where the engine has none. */
export const webAssembly: Engine | undefined =
  typeof WebAssembly === "undefined" ? undefined : WebAssembly;

export const PAGE_BYTES = 65_536;

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The module of these bytes, compiled when it is first asked for; undefined where the engine cannot run it. */
export function moduleOf(bytes: () => Uint8Array): () => object | undefined {
  let compiled: object | false | undefined;
  return () => {
    if (compiled === undefined) {
      compiled = false;
      try {
        if (webAssembly && littleEndian) compiled = new webAssembly.Module(bytes());
      } catch {
        // Without SIMD or bulk memory it is no valid one: the twin does the work.
      }
    }
    return compiled === false ? undefined : compiled;
  };
}

/** An instance of the module on the memory: its functions, and its constants by name. */
export function instanceOf(
  module: object,
  memory: Memory,
): { readonly exports: Exports; readonly constants: Readonly<Record<string, number>> } {
  if (!webAssembly) throw new TypeError("no WebAssembly");
  const { exports } = new webAssembly.Instance(module, { env: { memory } });
  const globals = Object.entries(exports).filter(([, value]) => typeof value === "object");
  const constants = Object.fromEntries(
    globals.map(([name, value]) => [name, (value as { value: number }).value]),
  );
  return { exports, constants };
}
