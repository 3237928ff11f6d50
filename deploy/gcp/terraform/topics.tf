# A topic an event. Those of ours have a schema, so that Pub/Sub refuses a malformed message when it is published.

locals {
  # Generated from events/; the files say which events have one.
  schemas = { for file in fileset("${path.module}/schemas", "*.avsc") : trimsuffix(file, ".avsc") => file }

  events = toset(concat(keys(local.schemas), [
    "dump-finalized", # Cloud Storage's own format
    "dead-letter",    # also takes the originals that could not be delivered, whatever they are
  ]))
}

resource "google_pubsub_schema" "event" {
  for_each = local.schemas

  name       = "${local.prefix}-${each.key}"
  type       = "AVRO"
  definition = file("${path.module}/schemas/${each.value}")
  depends_on = [google_project_service.needed]
}

resource "google_pubsub_topic" "event" {
  for_each = local.events

  name   = "${local.prefix}-${each.key}"
  labels = local.labels

  dynamic "schema_settings" {
    for_each = contains(keys(local.schemas), each.key) ? [google_pubsub_schema.event[each.key].id] : []

    content {
      schema   = schema_settings.value
      encoding = "JSON"
    }
  }

  depends_on = [google_project_service.needed]
}

resource "google_pubsub_topic_iam_member" "stage" {
  for_each = {
    for grant in flatten([
      for stage, may in local.permissions : [for event in may.publishes : { stage = stage, event = event }]
    ]) : "${grant.stage}/${grant.event}" => grant
  }

  topic  = google_pubsub_topic.event[each.value.event].id
  role   = "roles/pubsub.publisher"
  member = local.members[each.value.stage]
}

# Requesting and abandoning publish; so does a replay, whose event is whatever the failed stage had been given.
resource "google_pubsub_topic_iam_member" "operator" {
  for_each = {
    for pair in setproduct(local.events, var.operators) : "${pair[0]}/${pair[1]}" => { event = pair[0], member = pair[1] }
  }

  topic  = google_pubsub_topic.event[each.value.event].id
  role   = "roles/pubsub.publisher"
  member = each.value.member
}

# The dead-letter policy is Pub/Sub's to carry out: it publishes what it gives up on.
resource "google_pubsub_topic_iam_member" "dead_letter_agent" {
  topic  = google_pubsub_topic.event["dead-letter"].id
  role   = "roles/pubsub.publisher"
  member = local.agents.pubsub
}

resource "google_pubsub_topic_iam_member" "notification_agent" {
  topic  = google_pubsub_topic.event["dump-finalized"].id
  role   = "roles/pubsub.publisher"
  member = local.agents.storage
}

resource "google_pubsub_topic_iam_member" "scheduler_agent" {
  topic  = google_pubsub_topic.event["sync-requested"].id
  role   = "roles/pubsub.publisher"
  member = local.agents.scheduler
}
