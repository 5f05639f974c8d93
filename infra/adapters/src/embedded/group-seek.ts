// Reading few groups out of many where rows cluster by (owner, start, group): walk the distinct starts,
// one seek each, and seek the groups below each start. The cost grows with the starts in range and the
// groups asked for, not with the groups there are (https://www.sqlite.org/optoverview.html#skipscan).

/** Parameters: owner, from, until, groups as a JSON array. */
export const groupSeek = (table: string, owner: string, columns: string): string => `
  WITH RECURSIVE cell(at) AS (
    SELECT min(start) FROM ${table} WHERE ${owner} = ?1 AND start >= ?2 AND start < ?3
    UNION ALL
    SELECT (SELECT min(start) FROM ${table} WHERE ${owner} = ?1 AND start > cell.at AND start < ?3)
    FROM cell WHERE cell.at IS NOT NULL)
  SELECT ${columns} FROM cell CROSS JOIN ${table}
  WHERE ${owner} = ?1 AND start = cell.at AND grp IN (SELECT value FROM json_each(?4))`;
