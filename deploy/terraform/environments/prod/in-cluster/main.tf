# What has to be in the cluster before the pipeline can deploy: GitLab's agent. The namespace with its limits and with the
# agent's rights is deploy/kubernetes/namespaces, the same on every cluster.
# A state of its own: a provider for a cluster that the same run has yet to make fails in odd ways.

data "terraform_remote_state" "azure" {
  backend = "azurerm"

  config = {
    resource_group_name  = var.state.resource_group_name
    storage_account_name = var.state.storage_account_name
    container_name       = "prod"
    key                  = "azure.tfstate"
    use_oidc             = var.state.use_oidc
    use_azuread_auth     = true
  }
}

locals {
  azure = data.terraform_remote_state.azure.outputs.environment
}

module "agent" {
  source = "../../../modules/gitlab-agent"

  project              = var.gitlab.project
  name                 = "prod"
  kas_address          = var.gitlab.kas_address
  chart_version        = "2.20.1"
  pod_security_version = local.azure.kubernetes_version
}
