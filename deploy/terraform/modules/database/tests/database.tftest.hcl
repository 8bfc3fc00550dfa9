# Not mocked: `random`, whose ephemeral password cannot be.
mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_postgresql_flexible_server" {
    defaults = {
      fqdn = "psql.private.example"
    }
  }
}

variables {
  name                = "psql-feedgate-prod-gwc"
  key_vault_name      = "kvfeedgateprodgwc"
  tenant_id           = "00000000-0000-0000-0000-000000000000"
  writer_principal_id = "00000000-0000-0000-0000-000000000000"
  sku                 = "GP_Standard_D4ds_v5"
  production          = true
  database_subnet_id  = "database"
  database_zone_id    = "zone"
  endpoints_subnet_id = "endpoints"
  vault_zone_id       = "vault"
  resource_group_name = "rg"
  location            = "germanywestcentral"
}

run "production_has_a_standby_a_copy_and_a_lock" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server.this.high_availability[0].mode == "ZoneRedundant"
    error_message = "no standby in another zone"
  }
  assert {
    condition     = azurerm_postgresql_flexible_server.this.geo_redundant_backup_enabled
    error_message = "no backup in another region"
  }
  assert {
    condition     = length(azurerm_management_lock.server) == 1
    error_message = "the shop's database can be deleted by one click"
  }
}

run "the_server_is_private_and_encrypts" {
  command = plan

  assert {
    condition     = !azurerm_postgresql_flexible_server.this.public_network_access_enabled
    error_message = "the database can be reached from outside"
  }
  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["require_secure_transport"].value == "ON"
    error_message = "the server takes connections that are not encrypted"
  }
  assert {
    condition     = !azurerm_key_vault.this.public_network_access_enabled && azurerm_key_vault.this.network_acls[0].default_action == "Deny"
    error_message = "the vault can be reached from outside"
  }
  assert {
    condition     = azurerm_key_vault.this.rbac_authorization_enabled && azurerm_key_vault.this.purge_protection_enabled
    error_message = "the vault can be emptied for ever"
  }
}

run "server_and_vault_have_the_same_version_of_the_password" {
  command = plan

  variables {
    password_version = 3
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.administrator_password_wo_version == 3 && azurerm_key_vault_secret.password.value_wo_version == 3
    error_message = "after a change, feedgate would have a password that the server does not know"
  }
  assert {
    condition     = azurerm_key_vault_secret.password.name == "feedgate-database-password"
    error_message = "deploy/kubernetes/components/external-secrets asks for another entry"
  }
}

run "the_address_has_no_password" {
  command = plan

  assert {
    condition     = output.url == "postgres://feedgate@psql.private.example:5432/shop?sslmode=verify-full"
    error_message = "${output.url} is not what FEEDGATE_DATABASE has to say"
  }
}

run "development_has_neither" {
  command = plan

  variables {
    production = false
    sku        = "B_Standard_B2s"
  }

  assert {
    condition     = length(azurerm_postgresql_flexible_server.this.high_availability) == 0 && length(azurerm_management_lock.server) == 0
    error_message = "a development server costs as much as the shop's"
  }
}

run "a_burstable_server_in_production_is_refused" {
  command = plan

  variables {
    sku = "B_Standard_B2s"
  }

  expect_failures = [var.sku]
}

run "a_month_and_a_half_of_backups_is_refused" {
  command = plan

  variables {
    backup_days = 45
  }

  expect_failures = [var.backup_days]
}
