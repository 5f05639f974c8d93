// Events by SIMD, in AssemblyScript: the fast twin of what ShapeScanner.match and EventValidator do in plain
// JavaScript, for many texts of one buffer at a time. It says yes only where those two would, with the same
// slots and facts; whatever it does not know (a new shape, an escaped id, a number as time) it leaves to them.
// `make kernels` compiles it into src/events/kernels/event-kernel-module.ts.
export { codes, forget } from "./codes";
export { eventSlots, facts, limits } from "./event-facts";
export { encode } from "./log-records";
export * from "./memory-layout";
export { markTo, region } from "./region";
export { elements, lines, match, walkedRows } from "./shapes";
export { users } from "./users";
