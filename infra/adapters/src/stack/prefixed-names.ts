// The log and its groups under topic names that begin with a prefix, so that several installations share a
// cluster while a dataset keeps the name its metrics know.
import type { EventLog, PartitionGroup } from "@tandem/shared-logic";

export function prefixedLog(log: EventLog, prefix: string): EventLog {
  if (prefix === "") return log;
  const topic = (dataset: string): string => prefix + dataset;
  return {
    recordChecks: log.recordChecks === true,
    create: (dataset, ...rest) => log.create(topic(dataset), ...rest),
    partitions: (dataset) => log.partitions(topic(dataset)),
    append: (dataset, records) => log.append(topic(dataset), records),
    read: (dataset, ...rest) => log.read(topic(dataset), ...rest),
    ranges: (dataset) => log.ranges(topic(dataset)),
    waitFor: (dataset, ...rest) => log.waitFor(topic(dataset), ...rest),
    commit: (dataset, ...rest) => log.commit(topic(dataset), ...rest),
    committed: (dataset, group) => log.committed(topic(dataset), group),
    close: () => log.close(),
  };
}

export function prefixedGroup(groups: PartitionGroup, prefix: string): PartitionGroup {
  if (prefix === "") return groups;
  return {
    join: (dataset, group, member) => groups.join(prefix + dataset, group, member),
    close: () => groups.close(),
  };
}
