# A push subscription a stage. handlers/consumers.ts says which event each consumes.

resource "google_pubsub_subscription" "stage" {
  for_each = local.stages

  name   = "${local.prefix}-${each.key}"
  topic  = google_pubsub_topic.event[each.value.event].id
  filter = each.value.filter
  labels = local.labels

  # The longest there is; a push request ends with it. A stage stops at UNDERSTUDY_BUDGET_MS and goes on in another.
  ack_deadline_seconds       = 600
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = google_cloudfunctions2_function.stage[each.key].service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.stage[each.key].email
      audience              = google_cloudfunctions2_function.stage[each.key].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  # Ten deliveries under that backoff are about an hour: longer than an instance's restart or an outage of a minute.
  # What the dead-letter function itself cannot take has nowhere to go but back, until the retention ends.
  dynamic "dead_letter_policy" {
    for_each = each.key == "dead-letter" ? [] : [google_pubsub_topic.event["dead-letter"].id]

    content {
      dead_letter_topic     = dead_letter_policy.value
      max_delivery_attempts = 10
    }
  }

  # Left out, a subscription is deleted after 31 days without traffic.
  expiration_policy {
    ttl = ""
  }

  depends_on = [
    google_cloud_run_v2_service_iam_member.invoker,
    google_pubsub_topic_iam_member.dead_letter_agent,
    google_service_account_iam_member.token_agent,
  ]
}

# Forwarding to the dead-letter topic acknowledges the original, which takes a subscriber.
resource "google_pubsub_subscription_iam_member" "dead_letter_agent" {
  for_each = { for stage, settings in local.stages : stage => settings if stage != "dead-letter" }

  subscription = google_pubsub_subscription.stage[each.key].id
  role         = "roles/pubsub.subscriber"
  member       = local.agents.pubsub
}
