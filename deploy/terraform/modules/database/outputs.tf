output "id" {
  description = "The server."
  value       = azurerm_postgresql_flexible_server.this.id
}

output "url" {
  description = "What FEEDGATE_DATABASE says; the password comes as PGPASSWORD from the vault."
  value       = "postgres://feedgate@${azurerm_postgresql_flexible_server.this.fqdn}:5432/${azurerm_postgresql_flexible_server_database.shop.name}?sslmode=verify-full"
}

output "key_vault_id" {
  description = "The vault."
  value       = azurerm_key_vault.this.id
}

output "key_vault_uri" {
  description = "Its address, for the SecretStore."
  value       = azurerm_key_vault.this.vault_uri
}
