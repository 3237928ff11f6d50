# The secrets that the contract refers to, without their values: a value that Terraform sets stands in its state, readable
# by whoever may plan. README.md has the command that adds a version.

resource "google_secret_manager_secret" "entry" {
  for_each = var.create_secrets ? toset([
    for secret in values(local.secrets) : secret.name if secret.project == local.project
  ]) : toset([])

  secret_id = each.key
  labels    = local.labels

  replication {
    auto {}
  }

  depends_on = [google_project_service.needed]
}

resource "google_secret_manager_secret_iam_member" "stage" {
  for_each = {
    for grant in flatten([
      for stage, may in local.permissions : [
        for path in may.secrets : { stage = stage, path = path } if contains(keys(local.secrets), path)
      ]
    ]) : "${grant.stage}/${grant.path}" => grant
  }

  project    = local.secrets[each.value.path].project
  secret_id  = local.secrets[each.value.path].name
  role       = "roles/secretmanager.secretAccessor"
  member     = local.members[each.value.stage]
  depends_on = [google_secret_manager_secret.entry]
}
