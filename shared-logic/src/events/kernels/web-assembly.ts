// What is used of WebAssembly, which has no types where neither Node nor a browser is assumed.

export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Functions, and constants as globals. */
export type Exports = Readonly<Record<string, unknown>>;

interface Engine {
  readonly Memory: new (size: { initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
}

declare const WebAssembly: Engine | undefined;

/** Undefined where the engine has none. */
export const webAssembly: Engine | undefined =
  typeof WebAssembly === "undefined" ? undefined : WebAssembly;

export const PAGE_BYTES = 65_536;
