// The Cloud SQL Admin API keeps what contracts/platform.ts promises of an SQL admin.
import { openCloudSql } from "../gcp/open-sql.ts";
import { describeSqlAdmin } from "./sql-admin-suite.ts";

describeSqlAdmin("gcp", openCloudSql);
