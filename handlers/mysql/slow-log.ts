// The server's slow log writes whole statements, with the values bound to them: rows, and the masking key.

/** For `SET SESSION`: no statement of a year is slow. https://dev.mysql.com/doc/refman/8.4/en/slow-query-log.html */
export const NOTHING_IS_SLOW = `long_query_time = ${365 * 24 * 3600}`;
