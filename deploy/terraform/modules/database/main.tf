# PostgreSQL, reached from the network only, and the vault that has its password.
#
# The password is made anew at every run, and written only when `password_version` goes up: to the server and to the
# vault, by arguments that Terraform sends and does not keep. It is neither in the state nor in a plan.

ephemeral "random_password" "administrator" {
  length = 40
  # It stands in addresses of the form postgres://user:password@host: nothing that would have to be escaped there.
  special     = false
  min_lower   = 4
  min_upper   = 4
  min_numeric = 4
}

resource "azurerm_key_vault" "this" {
  name                          = var.key_vault_name
  resource_group_name           = var.resource_group_name
  location                      = var.location
  tenant_id                     = var.tenant_id
  sku_name                      = "standard"
  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  soft_delete_retention_days    = 90
  public_network_access_enabled = length(var.vault_ip_ranges) > 0
  tags                          = var.tags

  network_acls {
    bypass         = "AzureServices"
    default_action = "Deny"
    ip_rules       = var.vault_ip_ranges
  }
}

resource "azurerm_private_endpoint" "vault" {
  name                = "pe-${var.key_vault_name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = var.endpoints_subnet_id
  tags                = var.tags

  private_service_connection {
    name                           = "vault"
    private_connection_resource_id = azurerm_key_vault.this.id
    subresource_names              = ["vault"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "vault"
    private_dns_zone_ids = [var.vault_zone_id]
  }
}

# Whoever applies this has to be able to write the password, and nothing else of the vault.
resource "azurerm_role_assignment" "writer" {
  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = var.writer_principal_id
}

resource "azurerm_postgresql_flexible_server" "this" {
  name                = var.name
  resource_group_name = var.resource_group_name
  location            = var.location
  version             = var.postgresql_version
  sku_name            = var.sku
  storage_mb          = var.storage_gib * 1024
  auto_grow_enabled   = true
  tags                = var.tags

  delegated_subnet_id           = var.database_subnet_id
  private_dns_zone_id           = var.database_zone_id
  public_network_access_enabled = false

  administrator_login               = "feedgate"
  administrator_password_wo         = ephemeral.random_password.administrator.result
  administrator_password_wo_version = var.password_version

  authentication {
    password_auth_enabled         = true
    active_directory_auth_enabled = true
    tenant_id                     = var.tenant_id
  }

  backup_retention_days        = var.backup_days
  geo_redundant_backup_enabled = var.production

  dynamic "high_availability" {
    for_each = var.production ? ["ZoneRedundant"] : []

    content {
      mode = high_availability.value
    }
  }

  maintenance_window {
    # Tuesday, 10:00 UTC: not at night, when the import runs.
    day_of_week  = 2
    start_hour   = 10
    start_minute = 0
  }

  lifecycle {
    prevent_destroy = true
    # After a failover the zones are the other way round; that is no difference to be mended.
    ignore_changes = [zone, high_availability[0].standby_availability_zone]
  }
}

resource "azurerm_postgresql_flexible_server_database" "shop" {
  name      = var.database
  server_id = azurerm_postgresql_flexible_server.this.id
  charset   = "UTF8"
  collation = "en_US.utf8"

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_postgresql_flexible_server_configuration" "this" {
  for_each = {
    # Refuses whoever does not encrypt, whatever the client says.
    require_secure_transport = "ON"
    # Longer than any statement of an import; what hangs longer hangs for ever.
    idle_in_transaction_session_timeout = "900000"
    log_lock_waits                      = "on"
  }

  name      = each.key
  server_id = azurerm_postgresql_flexible_server.this.id
  value     = each.value
}

resource "azurerm_key_vault_secret" "password" {
  name             = "feedgate-database-password"
  key_vault_id     = azurerm_key_vault.this.id
  value_wo         = ephemeral.random_password.administrator.result
  value_wo_version = var.password_version
  content_type     = "password of the role feedgate on ${var.name}"
  tags             = var.tags

  # The server first: an entry in the vault that the server does not know would lock feedgate out.
  depends_on = [azurerm_role_assignment.writer, azurerm_postgresql_flexible_server.this]
}

resource "azurerm_management_lock" "server" {
  count = var.production ? 1 : 0

  name       = "do-not-delete"
  scope      = azurerm_postgresql_flexible_server.this.id
  lock_level = "CanNotDelete"
  notes      = "The shop's database. Take the lock away by hand before deleting it."
}
