# What each stage may do, as permissions.json has it: the tests' servers enforce the same table.

locals {
  # By stage: the events that it publishes, its permissions on each instance, on the bucket, on objects by prefix, and
  # the secrets that it reads, as paths in the contract.
  permissions = {
    for stage, may in jsondecode(file("${path.module}/permissions.json")) : stage => {
      publishes = may.publishes
      instances = { for role in keys(local.instances) : role => try(may[role], []) }
      bucket    = try(may.bucket, [])
      objects   = try(may.objects, {})
      secrets   = try(may.secrets, [])
    }
  }

  # Operations are addressed by their project, not their instance, and so are lists: no condition on an instance's name
  # can be relied on to let these through. They show settings and progress, never a row.
  # https://github.com/terraform-google-modules/terraform-google-sql-db/pull/616
  of_project = ["cloudsql.instances.get", "cloudsql.instances.list"]

  looks = {
    for look in flatten([
      for stage, may in local.permissions : [
        for project in distinct([for role, may_there in may.instances : local.instances[role].project if length(may_there) > 0]) :
        { stage = stage, project = project }
      ]
    ]) : "${look.stage}/${look.project}" => look
  }

  acts = {
    for act in flatten([
      for stage, may in local.permissions : [
        for role, may_there in may.instances : {
          stage       = stage
          role        = role
          permissions = setsubtract(may_there, local.of_project)
        }
      ]
    ]) : "${act.stage}/${act.role}" => act if length(act.permissions) > 0
  }

  # Objects by prefix; "" is the bucket itself: listing cannot be granted by an object's name, and without it an object
  # that is not there is a 403.
  holds = {
    for hold in flatten([
      for stage, may in local.permissions : [
        for below, may_there in merge(may.objects, length(may.bucket) > 0 ? { "" = may.bucket } : {}) :
        { stage = stage, below = below, permissions = may_there }
      ]
    ]) : "${hold.stage}/${hold.below}" => hold
  }
}

resource "google_project_iam_custom_role" "look" {
  for_each = toset(values(local.looks)[*].project)

  project     = each.key
  role_id     = replace("${local.prefix}_look", "-", "_")
  title       = "Understudy ${local.pipeline}: look at instances"
  permissions = local.of_project
  depends_on  = [google_project_service.needed]
}

resource "google_project_iam_member" "look" {
  for_each = local.looks

  project = each.value.project
  role    = google_project_iam_custom_role.look[each.value.project].id
  member  = local.members[each.value.stage]
}

resource "google_project_iam_custom_role" "act" {
  for_each = local.acts

  project     = local.instances[each.value.role].project
  role_id     = replace("${local.prefix}_${each.value.stage}_on_${each.value.role}", "-", "_")
  title       = "Understudy ${local.pipeline}: ${each.value.stage} on ${each.value.role}"
  permissions = each.value.permissions
  depends_on  = [google_project_service.needed]

  lifecycle {
    precondition {
      condition     = each.value.role != "production" || length(setsubtract(each.value.permissions, ["cloudsql.instances.export"])) == 0
      error_message = "permissions.json lets `${each.value.stage}` do more with production than export it. Production is read, never written."
    }
  }
}

resource "google_project_iam_member" "act" {
  for_each = local.acts

  project = local.instances[each.value.role].project
  role    = google_project_iam_custom_role.act[each.key].id
  member  = local.members[each.value.stage]

  # No other instance, and no other's backups: what is left is what belongs to none, such as an operation to be cancelled.
  # https://cloud.google.com/sql/docs/mysql/iam-conditions
  condition {
    title = "instance ${local.instances[each.value.role].name}"
    expression = join(" || ", [
      "resource.name == \"${local.instance_names[each.value.role]}\"",
      "resource.name.startsWith(\"${local.instance_names[each.value.role]}/\")",
      "(resource.type != \"sqladmin.googleapis.com/Instance\" && resource.type != \"sqladmin.googleapis.com/BackupRun\")",
    ])
  }
}

locals {
  instance_names = { for role, instance in local.instances : role => "projects/${instance.project}/instances/${instance.name}" }
}

resource "google_project_iam_custom_role" "hold" {
  for_each = local.holds

  project     = local.project
  role_id     = replace(replace("${local.prefix}_${each.value.stage}_${each.value.below == "" ? "bucket" : "in_${each.value.below}"}", "-", "_"), "/", "")
  title       = "Understudy ${local.pipeline}: ${each.value.stage} ${each.value.below == "" ? "on the bucket" : "below ${each.value.below}"}"
  permissions = each.value.permissions
  depends_on  = [google_project_service.needed]
}

resource "google_storage_bucket_iam_member" "stage" {
  for_each = local.holds

  bucket = local.bucket
  role   = google_project_iam_custom_role.hold[each.key].id
  member = local.members[each.value.stage]

  dynamic "condition" {
    for_each = each.value.below == "" ? [] : ["${local.dump_prefix}${each.value.below}"]

    content {
      title      = "objects below ${condition.value}"
      expression = "resource.name.startsWith(\"projects/_/buckets/${local.bucket}/objects/${condition.value}\")"
    }
  }
}

# The run store: this pipeline's database and no other.
resource "google_project_iam_member" "run_store" {
  for_each = merge(local.members, { for member in var.operators : member => member })

  project = local.project
  role    = "roles/datastore.user"
  member  = each.value

  condition {
    title      = "database ${google_firestore_database.runs.name}"
    expression = "resource.name == \"projects/${local.project}/databases/${google_firestore_database.runs.name}\""
  }
}
