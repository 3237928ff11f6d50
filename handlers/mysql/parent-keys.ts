// What foreign keys may refer to: InnoDB has always taken any key, unique or not.

/**
 * For `SET SESSION`, in a comment that MySQL reads since 8.4: from there on it refuses foreign keys to other than a whole unique
 * key, also where production was made before and has them.
 *
 * https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_restrict_fk_on_non_standard_key
 */
export const ANY_PARENT = "restrict_fk_on_non_standard_key = OFF";
