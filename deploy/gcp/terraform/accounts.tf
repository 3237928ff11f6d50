# A service account a function. It runs as it, and Pub/Sub calls it as it: an account may invoke its own function alone.

resource "google_service_account" "stage" {
  for_each = local.stages

  account_id   = "${local.pipeline}-${each.key}"
  display_name = "Understudy ${local.pipeline}: ${each.key}"
  depends_on   = [google_project_service.needed]
}

locals {
  members = { for stage, account in google_service_account.stage : stage => "serviceAccount:${account.email}" }
}

# No other binding: there is no unauthenticated way in. Google asks for this one for direct VPC egress too:
# https://cloud.google.com/functions/docs/running/direct-vpc#set_up_iam_permissions
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = local.stages

  location = local.region
  name     = google_cloudfunctions2_function.stage[each.key].name
  role     = "roles/run.invoker"
  member   = local.members[each.key]
}

# Pub/Sub signs its pushes with the account's identity token. Its agent may by itself in projects made since April 2021.
resource "google_service_account_iam_member" "token_agent" {
  for_each = local.stages

  service_account_id = google_service_account.stage[each.key].name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.agents.pubsub
}
