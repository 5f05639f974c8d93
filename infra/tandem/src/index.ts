// All layers in one process.
export {};
