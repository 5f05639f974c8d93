// Where the fields of a record batch of format 2 stand (kafka.apache.org/documentation/#recordbatch).
// All numbers are big-endian; the checksum covers everything from the attributes on.

export const BATCH = {
  baseOffset: 0,
  /** Bytes behind this field. */
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

/** Bytes of base offset and length, which the length does not count. */
export const LENGTH_STARTS_AT = 12;
export const MAGIC = 2;

export const ATTRIBUTE = { compression: 7, transactional: 16, control: 32 } as const;

/** Length, attributes, time, offset, key, value, headers: a byte each at least. */
export const SMALLEST_RECORD_BYTES = 7;
