# One environment in Azure: what dev, stage and prod have in common. What differs is said by the folders in
# ../../environments, and nothing else is.

data "azurerm_client_config" "current" {}

module "naming" {
  source = "../naming"

  project         = "feedgate"
  environment     = var.environment
  region_code     = var.region.code
  subscription_id = var.subscription_id
}

module "network_plan" {
  source = "../network-plan"

  network  = var.network
  reserved = var.reserved_ranges
}

locals {
  shared = {
    resource_group_name = azurerm_resource_group.this.name
    location            = azurerm_resource_group.this.location
    tags                = module.naming.tags
  }
}

resource "azurerm_resource_group" "this" {
  name     = module.naming.resource_group
  location = var.region.name
  tags     = module.naming.tags
}

module "network" {
  source = "../network"

  name                = module.naming.network
  network             = module.network_plan.network
  subnets             = module.network_plan.subnets
  resource_group_name = local.shared.resource_group_name
  location            = local.shared.location
  tags                = local.shared.tags
}

module "cluster" {
  source = "../cluster"

  name                   = module.naming.cluster
  tenant_id              = data.azurerm_client_config.current.tenant_id
  admin_group_object_ids = var.admin_group_object_ids
  kubernetes_version     = var.kubernetes_version
  production             = var.production
  private                = var.private_cluster
  authorized_ip_ranges   = var.operator_ranges
  subnet_id              = module.network.subnet_ids.nodes
  nodes_max              = module.network_plan.nodes_max
  system_pool            = var.system_pool
  work_pool              = var.work_pool
  container_registry_ids = var.container_registry_ids
  resource_group_name    = local.shared.resource_group_name
  location               = local.shared.location
  tags                   = local.shared.tags

  network = {
    pods        = module.network_plan.pods
    services    = module.network_plan.services
    dns_service = module.network_plan.dns_service
  }
}

module "database" {
  source = "../database"

  name                = module.naming.database_server
  key_vault_name      = module.naming.key_vault
  tenant_id           = data.azurerm_client_config.current.tenant_id
  writer_principal_id = data.azurerm_client_config.current.object_id
  vault_ip_ranges     = var.operator_ranges
  sku                 = var.database.sku
  storage_gib         = var.database.storage_gib
  backup_days         = var.database.backup_days
  password_version    = var.database.password_version
  production          = var.production
  database_subnet_id  = module.network.subnet_ids.database
  database_zone_id    = module.network.zone_ids.database
  endpoints_subnet_id = module.network.subnet_ids.endpoints
  vault_zone_id       = module.network.zone_ids.vault
  resource_group_name = local.shared.resource_group_name
  location            = local.shared.location
  tags                = local.shared.tags
}

module "storage" {
  source = "../storage"

  name                = module.naming.storage_account
  production          = var.production
  ip_ranges           = var.partner_ranges
  endpoints_subnet_id = module.network.subnet_ids.endpoints
  blob_zone_id        = module.network.zone_ids.blob
  resource_group_name = local.shared.resource_group_name
  location            = local.shared.location
  tags                = local.shared.tags
}

# Reads the password: nobody but the External Secrets Operator, in the name of this account.
module "secrets_identity" {
  source = "../identity"

  name                = "${module.naming.identity}-secrets"
  issuer              = module.cluster.oidc_issuer_url
  subjects            = { secrets = "system:serviceaccount:${var.namespace}:feedgate-secrets" }
  resource_group_name = local.shared.resource_group_name
  location            = local.shared.location
  tags                = local.shared.tags

  roles = {
    vault = { role = "Key Vault Secrets User", scope = module.database.key_vault_id }
  }
}

# Reads feeds, in the name of the accounts whose pods mount the bucket.
module "feeds_identity" {
  source = "../identity"

  name                = "${module.naming.identity}-feeds"
  issuer              = module.cluster.oidc_issuer_url
  subjects            = { import = "system:serviceaccount:${var.namespace}:feedgate-import" }
  resource_group_name = local.shared.resource_group_name
  location            = local.shared.location
  tags                = local.shared.tags

  roles = {
    feeds = { role = "Storage Blob Data Reader", scope = module.storage.container_ids["feeds"] }
  }
}

module "backup_identity" {
  source = "../identity"

  name                = "${module.naming.identity}-backup"
  issuer              = module.cluster.oidc_issuer_url
  subjects            = { backup = "system:serviceaccount:${var.namespace}:feedgate-backup" }
  resource_group_name = local.shared.resource_group_name
  location            = local.shared.location
  tags                = local.shared.tags

  roles = {
    backups = { role = "Storage Blob Data Contributor", scope = module.storage.container_ids["backups"] }
  }
}

module "monitoring" {
  source = "../monitoring"

  workspace_name      = module.naming.log_workspace
  emails              = var.alert_emails
  cluster_id          = module.cluster.id
  database_id         = module.database.id
  key_vault_id        = module.database.key_vault_id
  resource_group_name = local.shared.resource_group_name
  location            = local.shared.location
  tags                = local.shared.tags
}
