output "client_id" {
  description = "What a service account is annotated with: azure.workload.identity/client-id. No secret."
  value       = azurerm_user_assigned_identity.this.client_id
}

output "principal_id" {
  description = "What further roles are given to."
  value       = azurerm_user_assigned_identity.this.principal_id
}

output "id" {
  description = "The identity."
  value       = azurerm_user_assigned_identity.this.id
}
