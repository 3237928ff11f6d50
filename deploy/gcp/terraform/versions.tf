# The versions that this configuration is written against, and the project and region that it works in.

terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source = "hashicorp/google"
      # 7.21.0 is the first whose functions know direct VPC egress:
      # https://cloud.google.com/functions/docs/running/direct-vpc
      version = "~> 7.21"
    }

    # For google_project_service_identity alone.
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 7.21"
    }

    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.7"
    }
  }
}

provider "google" {
  project = local.project
  region  = local.region
}

provider "google-beta" {
  project = local.project
  region  = local.region
}
