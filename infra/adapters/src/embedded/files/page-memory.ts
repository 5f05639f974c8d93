// Memory that begins at a page's boundary, as files that go past the page cache want it: WebAssembly's does, arrays do not.

declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

const PAGE_BYTES = 65_536;

/** Zeros, at least so many; it lasts as long as the view. */
export function pageMemory(sizeBytes: number): Uint8Array<ArrayBuffer> {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(sizeBytes / PAGE_BYTES) });
  return new Uint8Array(memory.buffer);
}
