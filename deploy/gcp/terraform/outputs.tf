# What the next steps need. README.md goes through them.

locals {
  # Who changes rows and tables there; the others that log in read.
  writers = {
    replica = ["load-replica", "mask", "preserve", "export-replica", "abandon"]
    staging = ["load-staging", "abandon", "rollback"]
  }

  # Beside the contract's database: our own on the replica, and those that a swap on staging goes through.
  databases = {
    replica = [local.instances.replica.database, "_understudy"]
    staging = [for suffix in ["", "__next", "__prev"] : "${local.instances.staging.database}${suffix}"]
  }

  writing = { for role, databases in local.databases : role => { privileges = "ALL PRIVILEGES", databases = databases } }
  reading = {
    replica = { privileges = "SELECT, SHOW VIEW", databases = local.databases.replica }
    # Without EXECUTE a server hides the functions that views call.
    staging = { privileges = "SELECT, SHOW VIEW, EXECUTE", databases = [local.instances.staging.database] }
  }

  sql_users = {
    for role in ["replica", "staging"] : role => (
      local.instances[role].login != null
      ? { (local.instances[role].login) = local.writing[role] }
      : {
        for key, act in local.acts : google_service_account.stage[act.stage].account_id =>
        contains(local.writers[role], act.stage) ? local.writing[role] : local.reading[role]
        if act.role == role && contains(act.permissions, "cloudsql.instances.login")
      }
    )
  }
}

output "sync_requested_topic" {
  description = "Where a sync is requested."
  value       = google_pubsub_topic.event["sync-requested"].id
}

output "synced_topic" {
  description = "Where a success is published. A subscription on it is yours to make."
  value       = google_pubsub_topic.event["synced"].id
}

output "service_accounts" {
  description = "The account of each stage."
  value       = { for stage, account in google_service_account.stage : stage => account.email }
}

output "instance_service_accounts" {
  description = "The account that each instance reads and writes the bucket as."
  value       = local.instance_accounts
}

output "sql_grants" {
  description = "SQL to run once on each instance, as an account that may grant: terraform output -json sql_grants | jq -r .replica"
  value = {
    for role, users in local.sql_users : role => join("\n", flatten([
      for user, grant in users : [
        # A database's name is a pattern there: `_` and `%` stand for themselves only behind a backslash.
        for database in grant.databases :
        "GRANT ${grant.privileges} ON `${replace(replace(replace(database, "`", "``"), "_", "\\_"), "%", "\\%")}`.* TO '${user}'@'%';"
      ]
    ]))
  }
}

output "secret_commands" {
  description = "Adds a value to each secret that the contract refers to. The masking key is made on the way and seen by nobody."
  value = {
    for path, secret in local.secrets : path => (
      path == "masking.key"
      ? "openssl rand -hex 32 | gcloud secrets versions add ${secret.name} --project=${secret.project} --data-file=-"
      : "gcloud secrets versions add ${secret.name} --project=${secret.project} --data-file=-"
    )
  }
}
