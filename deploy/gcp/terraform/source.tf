# What the functions are built from: the code that runs in them, the contract, and who builds them.

locals {
  root = "${path.module}/../../.."

  source_files = toset(flatten([
    for pattern in [
      "package.json",
      "package-lock.json",
      "{contracts,events,handlers}/**/*.ts",
      "deploy/*.ts",
      "deploy/gcp/**/*.ts",
      "deploy/local/*.ts",
    ] : fileset(local.root, pattern)
  ]))
}

data "archive_file" "source" {
  type        = "zip"
  output_path = "${path.root}/.terraform/${local.prefix}.zip"

  dynamic "source" {
    for_each = local.source_files

    content {
      filename = source.value
      content  = file("${local.root}/${source.value}")
    }
  }

  source {
    filename = "sync.yaml"
    content  = file(var.contract_file)
  }

  # The SQL files of `after` stand beside the contract, here as there.
  dynamic "source" {
    for_each = toset(try(local.contract.after, []))

    content {
      filename = source.value
      content  = file("${dirname(var.contract_file)}/${source.value}")
    }
  }
}

resource "google_storage_bucket" "source" {
  name     = "${local.project}-${local.prefix}-source"
  location = local.region
  labels   = local.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # it is all in the repository

  depends_on = [google_project_service.needed]
}

resource "google_storage_bucket_object" "source" {
  # Another name for other bytes: that is what makes the functions be built anew.
  name   = "${data.archive_file.source.output_md5}.zip"
  bucket = google_storage_bucket.source.name
  source = data.archive_file.source.output_path
}

resource "google_artifact_registry_repository" "images" {
  repository_id = local.prefix
  location      = local.region
  format        = "DOCKER"
  description   = "Images of the functions of Understudy ${local.pipeline}"
  labels        = local.labels

  # Cleaning up keeps what a rule keeps, also where another deletes.
  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"

    most_recent_versions {
      keep_count = 3
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.needed]
}

# Its own account: the default one may do far more, or, in an organization's newer projects, nothing.
# https://cloud.google.com/functions/docs/securing/build-custom-sa
resource "google_service_account" "build" {
  account_id   = "${local.pipeline}-build"
  display_name = "Understudy ${local.pipeline}: builds the functions"
  depends_on   = [google_project_service.needed]
}

# Google copies the source into a bucket of its own making before it is built, and has it read from there by this account.
resource "google_project_iam_member" "build_source" {
  project = local.project
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${google_service_account.build.email}"

  condition {
    title = "functions' sources"
    expression = join(" || ", [
      for bucket in ["gcf-v2-sources-", "${google_storage_bucket.source.name}/"] : "resource.name.startsWith(\"projects/_/buckets/${bucket}\")"
    ])
  }
}

resource "google_artifact_registry_repository_iam_member" "build" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${google_service_account.build.email}"
}

resource "google_project_iam_member" "build_log" {
  project = local.project
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${google_service_account.build.email}"
}
