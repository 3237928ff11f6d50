# The three instances: two are named, the replica is created or named.

data "google_sql_database_instance" "named" {
  for_each = { for role, instance in local.instances : role => instance if role != "replica" || !var.create_replica }

  project = each.value.project
  name    = each.value.name
}

locals {
  instance_accounts = merge(
    { for role, instance in data.google_sql_database_instance.named : role => instance.service_account_email_address },
    { for instance in google_sql_database_instance.replica : "replica" => instance.service_account_email_address },
  )
}

# Between loading and wiping it holds what production holds: no public address, and nothing that keeps rows. A run refuses
# a replica that is otherwise.
resource "google_sql_database_instance" "replica" {
  count = var.create_replica ? 1 : 0

  project          = local.instances.replica.project
  region           = local.region
  name             = local.instances.replica.name
  database_version = data.google_sql_database_instance.named["production"].database_version

  deletion_protection = var.deletion_protection

  settings {
    tier              = var.replica_tier
    edition           = "ENTERPRISE" # from MySQL 8.4 on the default is the dearer one
    availability_type = "ZONAL"
    # NEVER stops it, and the bill for its machine, between runs; a run that meets it stopped fails. README.md has the commands.
    activation_policy = "ALWAYS"
    disk_type         = "PD_SSD"
    disk_size         = coalesce(var.replica_disk_gb, data.google_sql_database_instance.named["production"].settings[0].disk_size)
    disk_autoresize   = true
    user_labels       = local.labels

    deletion_protection_enabled = var.deletion_protection

    ip_configuration {
      ipv4_enabled    = false
      private_network = var.network
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled            = false
      binary_log_enabled = false
    }

    database_flags {
      name  = "cloudsql_iam_authentication"
      value = "on"
    }
  }

  lifecycle {
    # It grows with what is loaded.
    ignore_changes = [settings[0].disk_size]

    precondition {
      condition     = !local.uses_psc
      error_message = "A replica behind Private Service Connect is not created here: it needs an endpoint and a name in DNS. Create it, and set create_replica = false."
    }
  }

  depends_on = [google_project_service.needed]
}

# MySQL knows an account by what stands before the @ of its address. What each may do there is granted in SQL: sql_grants
# among the outputs.
resource "google_sql_user" "stage" {
  for_each = {
    for key, act in local.acts : key => act
    if contains(act.permissions, "cloudsql.instances.login") && local.instances[act.role].login == null
  }

  project    = local.instances[each.value.role].project
  instance   = local.instances[each.value.role].name
  name       = google_service_account.stage[each.value.stage].email
  type       = "CLOUD_IAM_SERVICE_ACCOUNT"
  depends_on = [google_sql_database_instance.replica]
}
