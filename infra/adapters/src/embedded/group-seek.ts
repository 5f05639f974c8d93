// Reading few groups out of many where rows cluster by (owner, start, group): walk the distinct starts,
// one seek each, and seek the groups below each start. The cost grows with the starts in range and the
// groups asked for, not with the groups there are (https://www.sqlite.org/optoverview.html#skipscan).

export interface GroupSeek {
  readonly table: string;
  readonly columns: string;
  /** A table of owners, its columns, and the condition by them under which a row is an owner's. */
  readonly owners: string;
  readonly owner: string;
  readonly own: string;
}

/** To follow `WITH RECURSIVE`. Parameters: ?2 from, ?3 until, ?`groups` as a JSON array. */
export const groupSeek = (groups: number, { table, columns, owners, owner, own }: GroupSeek) => `
  cell(${owner}, at) AS (
    SELECT ${owner}, (SELECT min(start) FROM ${table} WHERE ${own} AND start >= ?2 AND start < ?3)
    FROM ${owners}
    UNION ALL
    SELECT ${owner}, (SELECT min(start) FROM ${table} WHERE ${own} AND start > cell.at AND start < ?3)
    FROM cell WHERE cell.at IS NOT NULL)
  SELECT ${columns} FROM cell CROSS JOIN ${table}
  WHERE ${own} AND start = cell.at AND grp IN (SELECT value FROM json_each(?${groups}))`;
