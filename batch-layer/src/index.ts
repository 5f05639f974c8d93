// The batch jobs: plan, compute, publish, heal.
export {};
