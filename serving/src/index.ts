// Query, overlay, answer; the HTTP API.
export {};
