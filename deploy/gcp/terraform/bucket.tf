# The bucket: dumps pass through it. Nothing in it is meant to last.

locals {
  bucket = var.create_bucket ? google_storage_bucket.dumps[0].name : data.google_storage_bucket.dumps[0].name
}

resource "google_storage_bucket" "dumps" {
  count = var.create_bucket ? 1 : 0

  name     = local.dumps.bucket
  location = local.region
  labels   = local.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  # A raw dump that is deleted must be gone: by default Cloud Storage would keep it for a week.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # Stages delete what they have done with. This is for what nobody cared for: of a run, and dumps that were put there
  # while another run was active.
  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      age            = 1
      matches_prefix = ["${local.dump_prefix}runs/", "${local.dump_prefix}inbox/"]
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }

    condition {
      age = 1
    }
  }

  depends_on = [google_project_service.needed]
}

data "google_storage_bucket" "dumps" {
  count = var.create_bucket ? 0 : 1

  name = local.dumps.bucket

  lifecycle {
    postcondition {
      condition     = self.uniform_bucket_level_access && self.public_access_prevention == "enforced"
      error_message = "The bucket needs uniform bucket-level access and public access prevention: gcloud storage buckets update gs://${local.dumps.bucket} --uniform-bucket-level-access --public-access-prevention"
    }

    postcondition {
      condition     = !anytrue(self.versioning[*].enabled) && alltrue([for policy in self.soft_delete_policy : policy.retention_duration_seconds == 0])
      error_message = "The bucket keeps what is deleted from it, raw dumps too: gcloud storage buckets update gs://${local.dumps.bucket} --no-versioning --clear-soft-delete"
    }
  }
}

# Every finished object is reported; one that a stage writes for itself, too, which dump-finalized leaves alone.
resource "google_storage_notification" "dump_finalized" {
  for_each = toset(["runs/", "inbox/"])

  bucket             = local.bucket
  object_name_prefix = "${local.dump_prefix}${each.key}"
  topic              = google_pubsub_topic.event["dump-finalized"].id
  event_types        = ["OBJECT_FINALIZE"]
  payload_format     = "JSON_API_V1"
  depends_on         = [google_pubsub_topic_iam_member.notification_agent]
}

locals {
  # Exports and imports reach the bucket as the instance itself, whoever asked for them. Without a condition on the
  # object's name: Cloud SQL asks beforehand what the account may do, and it asks the bucket. Deleting is a part of an
  # export since 2024: https://github.com/terraform-google-modules/terraform-google-sql-db/issues/599
  transfers = {
    export = { roles = ["production", "replica"], permissions = ["storage.objects.create", "storage.objects.delete", "storage.objects.list"] }
    import = { roles = ["replica", "staging"], permissions = ["storage.objects.get", "storage.objects.list"] }
  }
}

resource "google_project_iam_custom_role" "transfer" {
  for_each = local.transfers

  project     = local.project
  role_id     = replace("${local.prefix}_instance_${each.key}", "-", "_")
  title       = "Understudy ${local.pipeline}: an instance's own account, to ${each.key}"
  permissions = each.value.permissions
  depends_on  = [google_project_service.needed]
}

resource "google_storage_bucket_iam_member" "instance" {
  for_each = {
    for grant in flatten([
      for transfer, grant in local.transfers : [for role in grant.roles : { transfer = transfer, role = role }]
    ]) : "${grant.role}/${grant.transfer}" => grant
  }

  bucket = local.bucket
  role   = google_project_iam_custom_role.transfer[each.value.transfer].id
  member = "serviceAccount:${local.instance_accounts[each.value.role]}"
}
