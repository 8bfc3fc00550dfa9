output "id" {
  description = "The storage account."
  value       = azurerm_storage_account.this.id
}

output "name" {
  description = "Its name, for the volume of components/feeds-bucket."
  value       = azurerm_storage_account.this.name
}

output "container_ids" {
  description = "The containers, for roles: feeds, backups."
  value       = { for name, container in azurerm_storage_container.this : name => container.id }
}
