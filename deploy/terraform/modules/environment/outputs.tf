# What the overlay in deploy/kubernetes and the folder in-cluster have to know. None of it is a secret.

output "cluster" {
  description = "Address of the API server, name, and resource group."
  value = {
    api_server     = module.cluster.api_server
    name           = module.cluster.name
    resource_group = azurerm_resource_group.this.name
  }
}

output "namespace" {
  description = "Namespace whose service accounts are trusted."
  value       = var.namespace
}

output "kubernetes_version" {
  description = "Minor version of Kubernetes."
  value       = var.kubernetes_version
}

output "database_url" {
  description = "FEEDGATE_DATABASE; without the password."
  value       = module.database.url
}

output "key_vault_uri" {
  description = "vaultUrl of the SecretStore."
  value       = module.database.key_vault_uri
}

output "storage_account" {
  description = "storageaccount of the volume with feeds."
  value       = module.storage.name
}

output "client_ids" {
  description = "azure.workload.identity/client-id of service accounts, and clientID of the volume."
  value = {
    secrets = module.secrets_identity.client_id
    feeds   = module.feeds_identity.client_id
    backup  = module.backup_identity.client_id
  }
}
