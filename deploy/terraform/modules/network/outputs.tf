output "id" {
  description = "The virtual network."
  value       = azurerm_virtual_network.this.id
}

output "subnet_ids" {
  description = "The subnets: nodes, database, endpoints."
  value = {
    nodes     = azurerm_subnet.nodes.id
    database  = azurerm_subnet.database.id
    endpoints = azurerm_subnet.endpoints.id
  }
}

output "zone_ids" {
  description = "The private zones: blob, vault, database. Known when the network can look names up in them."
  value       = { for key, zone in azurerm_private_dns_zone.this : key => zone.id }
  depends_on  = [azurerm_private_dns_zone_virtual_network_link.this]
}
