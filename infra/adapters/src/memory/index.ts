// Adapters that live in memory, for tests.
export {};
