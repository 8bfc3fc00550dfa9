output "workspace_id" {
  description = "The log workspace."
  value       = azurerm_log_analytics_workspace.this.id
}
