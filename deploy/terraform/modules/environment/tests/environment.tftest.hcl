# Not mocked: `random`, whose ephemeral password cannot be.
mock_provider "azurerm" {
  override_during = plan

  mock_data "azurerm_client_config" {
    defaults = {
      tenant_id = "00000000-0000-0000-0000-000000000000"
      object_id = "00000000-0000-0000-0000-000000000001"
    }
  }
  mock_resource "azurerm_postgresql_flexible_server" {
    defaults = {
      fqdn = "psql.private.example"
    }
  }
  mock_resource "azurerm_key_vault" {
    defaults = {
      id        = "vault"
      vault_uri = "https://vault.example/"
    }
  }
  mock_resource "azurerm_kubernetes_cluster" {
    defaults = {
      oidc_issuer_url = "https://issuer.example/tenant/cluster/"
      kubelet_identity = {
        client_id = "kubelet"
        object_id = "kubelet"
      }
    }
  }
}

override_resource {
  target          = module.secrets_identity.azurerm_user_assigned_identity.this
  override_during = plan
  values          = { client_id = "secrets" }
}
override_resource {
  target          = module.feeds_identity.azurerm_user_assigned_identity.this
  override_during = plan
  values          = { client_id = "feeds" }
}
override_resource {
  target          = module.backup_identity.azurerm_user_assigned_identity.this
  override_during = plan
  values          = { client_id = "backup" }
}

variables {
  environment            = "prod"
  subscription_id        = "00000000-0000-0000-0000-000000000000"
  network                = "10.20.32.0/20"
  reserved_ranges        = ["10.0.0.0/16", "10.20.0.0/20", "10.20.16.0/20"]
  operator_ranges        = ["192.0.2.0/28"]
  admin_group_object_ids = ["00000000-0000-0000-0000-000000000000"]
  kubernetes_version     = "1.34"
  namespace              = "feedgate"
  production             = true
  private_cluster        = true
  system_pool            = { vm_size = "Standard_D4as_v5", min = 3, max = 6 }
  work_pool              = { vm_size = "Standard_D4as_v5", min = 2, max = 8 }
  database               = { sku = "GP_Standard_D4ds_v5", storage_gib = 128, backup_days = 35, password_version = 1 }
  alert_emails           = { operations = "operations@shop.example" }
}

run "an_environment_fits_together" {
  command = plan

  assert {
    condition     = output.cluster.name == "aks-feedgate-prod-gwc" && output.cluster.resource_group == "rg-feedgate-prod-gwc"
    error_message = "the environment has another name"
  }
  assert {
    condition     = output.database_url == "postgres://feedgate@psql.private.example:5432/shop?sslmode=verify-full"
    error_message = "${output.database_url} is not what FEEDGATE_DATABASE has to say"
  }
  assert {
    condition     = output.client_ids.secrets == "secrets" && output.client_ids.feeds == "feeds" && output.client_ids.backup == "backup"
    error_message = "an account gets the identity of another one"
  }
  assert {
    condition     = output.storage_account == "stfeedgateprodgwcffc59" && output.key_vault_uri == "https://vault.example/"
    error_message = "the overlay would not know the vault or the storage"
  }
}
