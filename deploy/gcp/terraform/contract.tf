# What the sync contract says, and the names that follow from it. deploy/gcp/names.ts has the same names.

locals {
  contract = yamldecode(file(var.contract_file))
  pipeline = local.contract.pipeline
  prefix   = "understudy-${local.pipeline}"

  # `example.com:project` is a project too: the last two parts are region and name.
  instances = {
    for role in ["production", "replica", "staging"] : role => merge(
      regex("^(?P<project>.+):(?P<region>[^:]+):(?P<name>[^:]+)$", local.contract[role].instance),
      {
        database = local.contract[role].database
        # Null: IAM database login as each function's own account.
        login = try(local.contract[role].user, null)
      },
    )
  }

  project  = coalesce(try(local.contract.project, null), local.instances.replica.project)
  region   = local.instances.replica.region
  uses_psc = try(local.contract.network, "private") == "psc"

  dumps       = regex("^gs://(?P<bucket>[^/]+)/?(?P<prefix>.*?)/?$", local.contract.dumps)
  dump_prefix = local.dumps.prefix == "" ? "" : "${local.dumps.prefix}/"

  # Secrets by their path in the contract, where it has them: secret://PROJECT/NAME or secret://PROJECT/NAME/VERSION.
  secret_references = {
    # `fresh`: made for each run, and kept nowhere.
    "masking.key"      = try(local.contract.masking.key == "fresh" ? null : local.contract.masking.key, null)
    "replica.password" = try(local.contract.replica.password, null)
    "staging.password" = try(local.contract.staging.password, null)
  }
  secrets = {
    for path, reference in local.secret_references :
    path => regex("^secret://(?P<project>[^/]+)/(?P<name>[^/]+)", reference) if reference != null
  }

  labels = merge({ understudy-pipeline = local.pipeline }, var.labels)
}
