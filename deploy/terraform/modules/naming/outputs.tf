output "base" {
  description = "Project, environment and region."
  value       = local.base
}

output "resource_group" {
  description = "Name of the resource group."
  value       = "rg-${local.base}"
}

output "network" {
  description = "Name of the virtual network."
  value       = "vnet-${local.base}"
}

output "cluster" {
  description = "Name of the cluster."
  value       = "aks-${local.base}"
}

output "identity" {
  description = "Beginning of the names of managed identities."
  value       = "id-${local.base}"
}

output "log_workspace" {
  description = "Name of the log workspace."
  value       = "log-${local.base}"
}

output "database_server" {
  description = "Name of the database server; unique in the world."
  value       = "psql-${local.base}-${local.unique}"
}

output "key_vault" {
  description = "Name of the key vault: at most 24 letters, digits and hyphens; unique in the world."
  value       = "kv${local.joined}${local.unique}"
}

output "storage_account" {
  description = "Name of the storage account: at most 24 lower-case letters and digits; unique in the world."
  value       = "st${local.joined}${local.unique}"
}

output "tags" {
  description = "Tags of every resource."
  value = {
    project     = var.project
    environment = var.environment
    managed-by  = "terraform"
  }
}
