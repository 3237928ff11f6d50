# The APIs, and Google's own accounts (service agents) that work for us behind them.

resource "google_project_service" "needed" {
  for_each = toset([
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "compute.googleapis.com",
    "firestore.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "sqladmin.googleapis.com",
    "storage.googleapis.com",
  ])

  project            = local.project
  service            = each.key
  disable_on_destroy = false # others in the project may use it
}

# An agent comes into being with its first use. A grant to one that is not there yet fails, so they are called forth.
resource "google_project_service_identity" "agent" {
  provider = google-beta
  for_each = toset(["cloudscheduler.googleapis.com", "pubsub.googleapis.com"])

  project    = local.project
  service    = each.key
  depends_on = [google_project_service.needed]
}

# Cloud Storage's agent, which publishes the bucket's notifications. Reading it calls it forth.
data "google_storage_project_service_account" "agent" {
  project    = local.project
  depends_on = [google_project_service.needed]
}

locals {
  agents = {
    pubsub    = "serviceAccount:${google_project_service_identity.agent["pubsub.googleapis.com"].email}"
    scheduler = "serviceAccount:${google_project_service_identity.agent["cloudscheduler.googleapis.com"].email}"
    storage   = "serviceAccount:${data.google_storage_project_service_account.agent.email_address}"
  }
}
