// Which twin does the work that has two: chosen once, where a process is put together, for everything in it that is not
// told otherwise. The results are the same.

/** By SIMD where there is some, or in plain JavaScript. */
export type Kernels = "fast" | "js";

let chosen: Kernels = "fast";

export function chooseKernels(kernels: Kernels): void {
  chosen = kernels;
}

export const chosenKernels = (): Kernels => chosen;
