# The functions: one a stage, of one source, told apart by their entry point.

locals {
  # The functions that only wait (for an operation, a statement, Firestore) have Google's usual third of a CPU for 512 MiB;
  # those that move rows have what that takes. A third of a CPU also wants one request at a time.
  #
  # One request an instance, since a stage has the pipeline to itself: two at a time would share its memory and end
  # together. Two instances, and no more: one works, the other tells a duplicate that it does.
  stages = {
    export-production = {
      event = "sync-requested", filter = null,
      cpu   = "0.333", memory = "512Mi", max_instances = 2, reaches_databases = true
    }

    # Every object of a run is reported, the parts of a rewritten dump among them; most are nobody's and take a moment.
    # A continuation is published by the function itself and is no notification.
    dump-finalized = {
      event = "dump-finalized", filter = "attributes.eventType = \"OBJECT_FINALIZE\" OR attributes.event = \"dump-finalized\"",
      cpu   = "0.333", memory = "512Mi", max_instances = 5, reaches_databases = false
    }

    # Unpacks, rewrites and packs at once: one thread of ours and zlib's.
    load-replica = {
      event = "export-done", filter = "attributes.origin = \"production\"",
      cpu   = "2", memory = "1Gi", max_instances = 2, reaches_databases = true
    }

    # The replica's server does the work, on sessions that this one instance holds.
    mask = {
      event = "replica-loaded", filter = null,
      cpu   = "0.333", memory = "512Mi", max_instances = 2, reaches_databases = true
    }

    # Staging's own rows pass through it.
    preserve = {
      event = "masked", filter = null,
      cpu   = "1", memory = "1Gi", max_instances = 2, reaches_databases = true
    }

    export-replica = {
      event = "preserved", filter = null,
      cpu   = "0.333", memory = "512Mi", max_instances = 2, reaches_databases = true
    }

    load-staging = {
      event = "export-done", filter = "attributes.origin = \"replica\"",
      cpu   = "2", memory = "1Gi", max_instances = 2, reaches_databases = true
    }

    abandon = {
      event = "abandon-requested", filter = null,
      cpu   = "0.333", memory = "512Mi", max_instances = 2, reaches_databases = true
    }

    rollback = {
      event = "rollback-requested", filter = null,
      cpu   = "0.333", memory = "512Mi", max_instances = 2, reaches_databases = true
    }

    # Nothing takes what this one cannot: it must not be the narrow place when several stages fail together.
    dead-letter = {
      event = "dead-letter", filter = null,
      cpu   = "0.333", memory = "512Mi", max_instances = 5, reaches_databases = false
    }
  }
}

resource "google_cloudfunctions2_function" "stage" {
  for_each = local.stages

  name        = "${local.prefix}-${each.key}"
  location    = local.region
  description = "Understudy ${local.pipeline}: ${each.key}"
  labels      = local.labels

  build_config {
    runtime           = "nodejs24"
    entry_point       = each.key
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.images.id

    # As the buildpack uses them: https://github.com/GoogleCloudPlatform/buildpacks/tree/main/cmd/nodejs
    environment_variables = {
      # It runs `npm ci` with NODE_ENV=production, and puts node_modules/.bin before its own Node on the PATH, where
      # optionalDependencies would bring another. NPM_CONFIG_OMIT=optional would bring devDependencies back.
      NPM_CONFIG_OPTIONAL = "false"
      # Else package.json's `engines` decides, which allows any newer Node.
      GOOGLE_NODEJS_VERSION = "24.x.x"
    }

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email = google_service_account.stage[each.key].email
    timeout_seconds       = 600 # as long as Pub/Sub waits
    available_cpu         = each.value.cpu
    available_memory      = each.value.memory

    max_instance_request_concurrency = 1
    min_instance_count               = 0
    max_instance_count               = each.value.max_instances

    # Pub/Sub's pushes to a run.app address of the same project are internal:
    # https://cloud.google.com/run/docs/securing/ingress
    ingress_settings               = "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision = true

    environment_variables = {
      UNDERSTUDY_CONTRACT  = "sync.yaml"
      UNDERSTUDY_BUDGET_MS = "540000" # leaves 60 s of the push request to end in order
    }

    # Google's APIs are reached directly, the instances by their private addresses.
    direct_vpc_egress = each.value.reaches_databases ? "VPC_EGRESS_PRIVATE_RANGES_ONLY" : null

    dynamic "direct_vpc_network_interface" {
      for_each = each.value.reaches_databases ? [var.subnetwork] : []

      content {
        network    = var.network
        subnetwork = direct_vpc_network_interface.value
      }
    }
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build_log,
    google_project_iam_member.build_source,
    google_project_service.needed,
  ]
}
