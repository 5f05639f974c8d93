// The collector, the spool and the archiver.
export {};
