# What somebody is told of. Each policy stands on Google's own metrics or on one log line, so it is there from the start:
# a metric of our own would exist only once it was written.

locals {
  # The dead-letter function is watched by a policy of its own.
  working_stages = [for stage in keys(local.stages) : stage if stage != "dead-letter"]

  how_to_look = "`npx understudy runs` lists the runs, `npx understudy show RUN` tells what failed and what to do, `npx understudy replay RUN` goes on once it is mended."
}

# handlers/dead-letter.ts writes this line, and no other.
resource "google_monitoring_alert_policy" "dead_letter" {
  display_name          = "Understudy ${local.pipeline}: a stage failed"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "a dead letter was recorded"

    condition_matched_log {
      filter = join(" AND ", [
        "resource.type=\"cloud_run_revision\"",
        "resource.labels.service_name=\"${google_cloudfunctions2_function.stage["dead-letter"].name}\"",
        "jsonPayload.alert=\"dead-letter\"",
      ])
      label_extractors = {
        code  = "EXTRACT(jsonPayload.code)"
        run   = "EXTRACT(jsonPayload.run)"
        stage = "EXTRACT(jsonPayload.stage)"
      }
    }
  }

  alert_strategy {
    auto_close = "604800s"

    notification_rate_limit {
      period = "300s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "No retry can mend it: a run waits for somebody. ${local.how_to_look}"
  }
}

# The line above is not written where that function itself fails.
resource "google_monitoring_alert_policy" "dead_letter_stuck" {
  display_name          = "Understudy ${local.pipeline}: dead letters are not recorded"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "a dead letter has waited for half an hour"

    condition_threshold {
      filter = join(" AND ", [
        "resource.type = \"pubsub_subscription\"",
        "resource.labels.subscription_id = \"${google_pubsub_subscription.stage["dead-letter"].name}\"",
        "metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\"",
      ])
      comparison      = "COMPARISON_GT"
      threshold_value = 1800
      duration        = "0s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "The function `${google_cloudfunctions2_function.stage["dead-letter"].name}` does not acknowledge. Its log says why."
  }
}

# A stage that works for hours does so in deliveries of nine minutes, each a message of its own: the age of the oldest
# message says nothing about a run. That deliveries do not end does. Between two of them are nine minutes of work and
# ten of backoff at the most, so each window of twenty has one while a run is at work.
resource "google_monitoring_alert_policy" "overdue" {
  display_name          = "Understudy ${local.pipeline}: a run takes longer than usual"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "stages have been at work for ${var.usual_minutes} minutes"

    condition_threshold {
      filter = join(" AND ", [
        "resource.type = \"pubsub_subscription\"",
        "resource.labels.subscription_id = one_of(${join(", ", [for stage in local.working_stages : "\"${google_pubsub_subscription.stage[stage].name}\""])})",
        "metric.type = \"pubsub.googleapis.com/subscription/push_request_count\"",
      ])
      comparison              = "COMPARISON_GT"
      threshold_value         = 0
      duration                = "${var.usual_minutes * 60}s"
      evaluation_missing_data = "EVALUATION_MISSING_DATA_INACTIVE"

      aggregations {
        alignment_period     = "1200s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "Stages are delivered without a pause: production has grown, an operation hangs, or something fails and is tried again. ${local.how_to_look}"
  }
}

# Twenty-five hours are the longest window that Cloud Monitoring aligns, and nightly runs do not end by the minute: the two
# hours more are for that. A pipeline that has never had a success has no data to go missing, and is not told of.
resource "google_monitoring_alert_policy" "no_success" {
  display_name          = "Understudy ${local.pipeline}: no success for a day"
  combiner              = "OR"
  severity              = "WARNING"
  enabled               = var.schedule != null && !var.schedule_paused
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "nothing was published on ${google_pubsub_topic.event["synced"].name} for 27 hours"

    condition_threshold {
      filter = join(" AND ", [
        "resource.type = \"pubsub_topic\"",
        "resource.labels.topic_id = \"${google_pubsub_topic.event["synced"].name}\"",
        "metric.type = \"pubsub.googleapis.com/topic/send_request_count\"",
        "metric.labels.response_class = \"success\"",
      ])
      comparison              = "COMPARISON_LT"
      threshold_value         = 1
      duration                = "7200s"
      evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"

      aggregations {
        alignment_period     = "90000s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "Staging is older than it should be. ${local.how_to_look}"
  }
}
