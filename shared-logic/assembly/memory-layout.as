// What stands where in the kernel's memory; the caller reads these by name. And what the numbers in it mean.

/** Rows at a time. */
export const ROWS: i32 = 1024;
/** Of the tree of shapes (shape-tree.ts), array by array. */
export const NODES: i32 = 1024;
export const SEGMENT_BYTES: i32 = 65536;
export const MARKS: i32 = 4096;
export const SEGMENTS: i32 = 64;
/** Three times sixteen bytes for mark.as, in front of all. */
export const SPECIALS: i32 = 0;
/** A node in one cache line: its segment's first sixteen bytes, which of these it has, by bits, and the tree's numbers, each i32. Segments and nodes by address. */
export const TREE: i32 = SEGMENTS + SEGMENT_BYTES;
export const NODE: i32 = 64;
export const HEAD_BITS: i32 = 16;
export const FROM: i32 = 20;
export const LENGTH: i32 = 24;
export const FIRST: i32 = 28;
export const NEXT: i32 = 32;
export const SLOT: i32 = 36;
export const FIRST_MARK: i32 = 40;
export const MARK_COUNT: i32 = 44;
/** Whether it has marks or ends the text. */
export const RARE: i32 = 48;
export const MARK_SLOTS: i32 = TREE + NODE * NODES;
export const MARK_ATS: i32 = MARK_SLOTS + 4 * MARKS;
export const MARK_KINDS: i32 = MARK_ATS + 4 * MARKS;
/** By row: where a text stands, i32 in the caller's bytes. */
export const STARTS: i32 = MARK_KINDS + MARKS;
export const ENDS: i32 = STARTS + 4 * ROWS;
/** By row: UNKNOWN, KNOWN (slots hold) or GOOD (facts hold too); u8. */
export const STATUS: i32 = ENDS + 4 * ROWS;
/** By row: facts of an event. f64, then u32 lanes, then u8. */
export const SENT_MS: i32 = STATUS + ROWS;
export const TIME_MS: i32 = SENT_MS + 8 * ROWS;
export const RECEIVED_MS: i32 = TIME_MS + 8 * ROWS;
export const ID_HASHES: i32 = RECEIVED_MS + 8 * ROWS;
export const USER_HASHES: i32 = ID_HASHES + 16 * ROWS;
export const USER_KINDS: i32 = USER_HASHES + 8 * ROWS;
export const USER_PREFIXES: i32 = USER_KINDS + ROWS;
export const FLAGS: i32 = USER_PREFIXES + ROWS;
/** By row: a text's code in its slot's dictionary, NO_TEXT or PENDING; i32. Then the rows that brought new ones. */
export const CODES: i32 = FLAGS + ROWS;
export const NEW_ROWS: i32 = CODES + 4 * ROWS;
/** By row: where its log record's key begins, its value, and both end, behind `encode`'s `out`; its partition and check. */
export const KEY_AT: i32 = NEW_ROWS + 4 * ROWS;
export const VALUE_AT: i32 = KEY_AT + 4 * ROWS;
export const VALUE_END: i32 = VALUE_AT + 4 * ROWS;
export const PARTITIONS: i32 = VALUE_END + 4 * ROWS;
export const CHECKS: i32 = PARTITIONS + 4 * ROWS;
export const TENANT: i32 = CHECKS + 4 * ROWS;
export const TENANT_BYTES: i32 = 256;
/** Sixteen tables of 256 numbers, u32. */
export const CRC_TABLES: i32 = TENANT + TENANT_BYTES;
/** By slot a plane of `PLANE` bytes: kinds u8, starts i32, ends i32, escaped u8, each by row. The last is of `users`. A slot is its plane's address. */
export const PLANES: i32 = CRC_TABLES + 16 * 1024;
export const PLANE: i32 = 10 * ROWS + 192;
/** A dictionary: how many texts it holds, then seats of 24 bytes: sixteen bytes of text, its length + 1, its code. */
export const SEATS: i32 = 512;
export const DICTIONARY: i32 = 8 + 24 * SEATS;

export const UNKNOWN: u8 = 0;
export const KNOWN: u8 = 1;
export const GOOD: u8 = 2;

export const ABSENT: u8 = 0;
export const NULL: u8 = 1;
export const TEXT: u8 = 2;
export const NUMBER: u8 = 3;
export const TRUE: u8 = 4;
export const FALSE: u8 = 5;
export const NESTED: u8 = 6;
