# Requests a sync at its time. The message is a SyncRequested event whose run id the message's own id makes.

resource "google_cloud_scheduler_job" "sync" {
  count = var.schedule == null ? 0 : 1

  name        = "${local.prefix}-sync"
  region      = local.region
  description = "Requests a sync of ${local.pipeline}"
  schedule    = var.schedule
  time_zone   = var.time_zone
  paused      = var.schedule_paused

  pubsub_target {
    topic_name = google_pubsub_topic.event["sync-requested"].id
    data       = base64encode(jsonencode({ pipeline = local.pipeline, runId = "", requestedBy = "scheduler" }))
    attributes = { event = "sync-requested", version = "1" }
  }

  depends_on = [google_pubsub_topic_iam_member.scheduler_agent]
}
