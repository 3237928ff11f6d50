# Where runs, the pipeline's lock and dead letters are kept: a Firestore database of the pipeline's own.

resource "google_firestore_database" "runs" {
  name        = local.prefix
  location_id = coalesce(var.firestore_location, local.region)
  type        = "FIRESTORE_NATIVE"

  delete_protection_state = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy         = "DELETE"
  depends_on              = [google_project_service.needed]
}

# Documents are deleted within a day of their time. An index on that field would be written to at one end only, and slow.
resource "google_firestore_field" "expiry" {
  for_each = toset(["runs", "deadLetters"])

  database   = google_firestore_database.runs.name
  collection = each.key
  field      = "expireAt"

  ttl_config {}
  index_config {}
}

# A run's stages are a deep map that is written twice a minute: an index entry for each of its leaves is work for nobody.
resource "google_firestore_field" "stages" {
  database   = google_firestore_database.runs.name
  collection = "runs"
  field      = "stages"

  index_config {}
}

resource "google_firestore_index" "newest" {
  for_each = { runs = "runId", deadLetters = "failedAt" }

  database   = google_firestore_database.runs.name
  collection = each.key

  fields {
    field_path = "pipeline"
    order      = "ASCENDING"
  }

  fields {
    field_path = each.value
    order      = "DESCENDING"
  }
}
