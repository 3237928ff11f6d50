# What can be set. Project, instances, bucket and names are the sync contract's, and are set nowhere else.

variable "contract_file" {
  description = "Path of the sync contract, sync.yaml. It is deployed with the functions: apply again when it changes."
  type        = string

  validation {
    condition     = fileexists(var.contract_file)
    error_message = "There is no file at contract_file. Give its absolute path, for example \"$PWD/sync.yaml\"."
  }

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,11}$", yamldecode(file(var.contract_file)).pipeline))
    error_message = "The contract's `pipeline` must be 1 to 12 lower-case letters, digits and dashes, a letter first: service accounts are named after it. `npx understudy check` tells all that is wrong with a contract."
  }

  validation {
    condition = alltrue([
      for role in ["production", "replica", "staging"] :
      can(regex("^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]+:[a-z0-9-]+:[a-z][a-z0-9-]*$", yamldecode(file(var.contract_file))[role].instance))
    ])
    error_message = "The contract's `production`, `replica` and `staging` must each have an `instance`, as PROJECT:REGION:NAME. `npx understudy check` tells all that is wrong with a contract."
  }

  validation {
    condition     = can(regex("^gs://", yamldecode(file(var.contract_file)).dumps))
    error_message = "The contract's `dumps` must be a bucket, gs://BUCKET or gs://BUCKET/PREFIX."
  }

  # Terraform reads this one file, and deploys it alone.
  validation {
    condition     = !can(yamldecode(file(var.contract_file)).extends)
    error_message = "A contract that is deployed must be whole: put what its `extends` names into the file itself."
  }
}

variable "network" {
  description = "The VPC network from which the replica and staging can be reached: projects/PROJECT/global/networks/NAME. The replica, where it is created, gets its address in it by private services access, which must be set up."
  type        = string

  validation {
    condition     = can(regex("^projects/[^/]+/global/networks/[^/]+$", var.network))
    error_message = "The network is expected as projects/PROJECT/global/networks/NAME."
  }
}

variable "subnetwork" {
  description = "A subnet of that network, in the replica's region, which the functions get their addresses from: projects/PROJECT/regions/REGION/subnetworks/NAME. /26 or larger."
  type        = string

  validation {
    condition     = can(regex("^projects/[^/]+/regions/[^/]+/subnetworks/[^/]+$", var.subnetwork))
    error_message = "The subnet is expected as projects/PROJECT/regions/REGION/subnetworks/NAME."
  }
}

variable "schedule" {
  description = "When a sync is requested, as cron has it: five fields. Null leaves the job out."
  type        = string
  default     = "0 2 * * *"

  validation {
    condition     = var.schedule == null || can(regex("^\\S+( \\S+){4}$", var.schedule))
    error_message = "The schedule is expected as five fields, for example \"0 2 * * *\"."
  }
}

variable "schedule_paused" {
  description = "Keeps the job, and the alert for a day without a success, from acting. Set it to false when a first sync has gone well."
  type        = bool
  default     = true
}

variable "time_zone" {
  description = "The schedule's time zone, by its name in the tz database."
  type        = string
  default     = "Etc/UTC"
}

variable "operators" {
  description = "Who may request, watch, replay, abandon and roll back runs: IAM members such as user:ann@example.com or group:sre@example.com."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.operators : can(regex("^(user|group|serviceAccount):[^@]+@[^@]+$", member))])
    error_message = "An operator is expected as user:EMAIL, group:EMAIL or serviceAccount:EMAIL."
  }
}

variable "notification_channels" {
  description = "Where alerts go: names of Cloud Monitoring's channels, projects/PROJECT/notificationChannels/ID."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[^/]+$", name))])
    error_message = "A channel is expected as projects/PROJECT/notificationChannels/ID. `gcloud beta monitoring channels list` prints them."
  }
}

variable "usual_minutes" {
  description = "How long a run may take, in minutes, before somebody is told."
  type        = number
  default     = 240

  validation {
    condition     = var.usual_minutes >= 30 && var.usual_minutes <= 1380 && floor(var.usual_minutes) == var.usual_minutes
    error_message = "usual_minutes is expected to be a whole number from 30 to 1380: Cloud Monitoring looks no further back than a day."
  }
}

variable "create_bucket" {
  description = "Creates the contract's bucket. False takes one that is there, in the same project, if it forgets what is deleted from it."
  type        = bool
  default     = true
}

variable "create_secrets" {
  description = "Creates the secrets that the contract refers to in its own project, without a version: their values never pass through Terraform. False takes those that are there."
  type        = bool
  default     = true
}

variable "create_replica" {
  description = "Creates the contract's replica instance. False takes one that is there."
  type        = bool
  default     = false
}

variable "replica_tier" {
  description = "The created replica's machine: https://cloud.google.com/sql/docs/mysql/instance-settings#machine-type-2ndgen"
  type        = string
  default     = "db-custom-2-7680"

  validation {
    condition     = !can(regex("^db-(f1-micro|g1-small)$", var.replica_tier))
    error_message = "A machine with a shared core has too little memory for an import. Take db-custom-1-3840 or larger."
  }
}

variable "replica_disk_gb" {
  description = "The created replica's disk in GB; null takes production's. It grows by itself, and never shrinks."
  type        = number
  default     = null
}

variable "firestore_location" {
  description = "Where the runs' state is kept; null takes the replica's region. It cannot be changed later."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Keeps `terraform destroy` from deleting the runs' state, a created bucket that has objects, and a created replica."
  type        = bool
  default     = true
}

variable "labels" {
  description = "Labels for all that can have them, for example to find it on a bill."
  type        = map(string)
  default     = {}
}
