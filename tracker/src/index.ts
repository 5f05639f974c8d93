// Sends events from browsers, Node.js and React Native; no dependencies.
export {};
