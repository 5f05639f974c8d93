// The speed worker: read, dedupe, fold, flush, checkpoint.
export {};
