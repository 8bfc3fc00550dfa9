output "id" {
  description = "The cluster."
  value       = azurerm_kubernetes_cluster.this.id
}

output "name" {
  description = "Its name."
  value       = azurerm_kubernetes_cluster.this.name
}

output "oidc_issuer_url" {
  description = "Who issues the tokens of its service accounts."
  value       = azurerm_kubernetes_cluster.this.oidc_issuer_url
}

# Neither is a secret: whoever uses them has to sign in. A client certificate does not exist, local accounts are off.
output "api_server" {
  description = "Address of the API server."
  value       = "https://${var.private ? azurerm_kubernetes_cluster.this.private_fqdn : azurerm_kubernetes_cluster.this.fqdn}:443"
}
