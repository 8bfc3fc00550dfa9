# Made once, by a person, before any pipeline can run: where the states lie, and who the pipelines are.
# Its own state is a file on that person's machine and has nothing that could not be found again by `terraform import`.

locals {
  location     = "germanywestcentral"
  environments = toset(["dev", "stage", "prod"])
  tags         = { project = "feedgate", managed-by = "terraform" }
}

resource "azurerm_resource_group" "state" {
  name     = "rg-feedgate-state"
  location = local.location
  tags     = local.tags
}

resource "azurerm_storage_account" "state" {
  name                            = var.state_account
  resource_group_name             = azurerm_resource_group.state.name
  location                        = azurerm_resource_group.state.location
  account_kind                    = "StorageV2"
  account_tier                    = "Standard"
  account_replication_type        = "GZRS"
  min_tls_version                 = "TLS1_2"
  https_traffic_only_enabled      = true
  allow_nested_items_to_be_public = false
  shared_access_key_enabled       = false
  default_to_oauth_authentication = true
  local_user_enabled              = false
  tags                            = local.tags

  network_rules {
    default_action = "Deny"
    bypass         = ["AzureServices"]
    ip_rules       = var.operator_ranges
  }

  blob_properties {
    # A state that was overwritten by mistake is the worst thing to lose.
    versioning_enabled = true

    delete_retention_policy {
      days = 90
    }

    container_delete_retention_policy {
      days = 90
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "state" {
  for_each = local.environments

  name                  = each.value
  storage_account_id    = azurerm_storage_account.state.id
  container_access_type = "private"
}

# Applies: pipelines of the protected branch alone. Roles that give roles are needed for workload identities; this one
# is bound by a condition to roles that are named.
module "apply" {
  source   = "../modules/identity"
  for_each = local.environments

  name                = "id-feedgate-apply-${each.value}"
  issuer              = var.gitlab_url
  subjects            = { main = "project_path:${var.gitlab_project}:ref_type:branch:ref:main" }
  resource_group_name = azurerm_resource_group.state.name
  location            = azurerm_resource_group.state.location
  tags                = local.tags

  roles = {
    subscription = { role = "Contributor", scope = "/subscriptions/${var.subscription_ids[each.value]}" }
    state        = { role = "Storage Blob Data Contributor", scope = azurerm_storage_container.state[each.value].id }
  }
}

# A lock is a thing that Contributor may not make; nor may it give roles. Both are needed to apply an environment.
resource "azurerm_role_assignment" "roles" {
  for_each = local.environments

  scope                = "/subscriptions/${var.subscription_ids[each.value]}"
  role_definition_name = "Role Based Access Control Administrator"
  principal_id         = module.apply[each.value].principal_id
  principal_type       = "ServicePrincipal"
  condition_version    = "2.0"
  condition            = <<-E
    (
      !(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})
      OR
      @Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${join(", ", values(local.may_give))}}
    )
  E
}

locals {
  # What pipelines may give to workloads: roles of Azure, by their fixed names.
  may_give = {
    "Network Contributor"           = "4d97b98b-1d4f-4787-a291-c67834d212e7"
    "AcrPull"                       = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    "Key Vault Secrets Officer"     = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
    "Key Vault Secrets User"        = "4633458b-17de-408a-b874-0445c86b69e6"
    "Storage Blob Data Reader"      = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
    "Storage Blob Data Contributor" = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
  }
}

# Plans: reads, and changes nothing, not even the lock of the state.
module "plan" {
  source   = "../modules/identity"
  for_each = local.environments

  name                = "id-feedgate-plan-${each.value}"
  issuer              = var.gitlab_url
  subjects            = { for branch in var.plan_branches : replace(branch, "/", "-") => "project_path:${var.gitlab_project}:ref_type:branch:ref:${branch}" }
  resource_group_name = azurerm_resource_group.state.name
  location            = azurerm_resource_group.state.location
  tags                = local.tags

  roles = {
    subscription = { role = "Reader", scope = "/subscriptions/${var.subscription_ids[each.value]}" }
    state        = { role = "Storage Blob Data Reader", scope = azurerm_storage_container.state[each.value].id }
  }
}
