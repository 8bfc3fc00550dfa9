mock_provider "azurerm" {}

variables {
  name                = "stfeedgateprodgwc"
  production          = true
  endpoints_subnet_id = "endpoints"
  blob_zone_id        = "blob"
  resource_group_name = "rg"
  location            = "germanywestcentral"
}

run "there_are_no_keys_and_nothing_is_public" {
  command = plan

  assert {
    condition     = !azurerm_storage_account.this.shared_access_key_enabled && !azurerm_storage_account.this.local_user_enabled
    error_message = "a key would open everything to whoever has it"
  }
  assert {
    condition     = !azurerm_storage_account.this.allow_nested_items_to_be_public && !azurerm_storage_account.this.public_network_access_enabled
    error_message = "feeds can be read by everybody"
  }
  assert {
    condition     = azurerm_storage_account.this.blob_properties[0].versioning_enabled
    error_message = "what a sender overwrites is gone"
  }
  assert {
    condition     = azurerm_storage_account.this.account_replication_type == "ZRS"
    error_message = "production has one copy in one zone"
  }
}

run "partners_come_from_their_addresses_only" {
  command = plan

  variables {
    ip_ranges = ["198.51.100.7"]
  }

  assert {
    condition     = azurerm_storage_account.this.public_network_access_enabled && azurerm_storage_account.this.network_rules[0].default_action == "Deny"
    error_message = "partners cannot deliver, or everybody can"
  }
}

run "the_whole_internet_is_refused" {
  command = plan

  variables {
    ip_ranges = ["0.0.0.0/0"]
  }

  expect_failures = [var.ip_ranges]
}

run "feeds_for_a_week_are_refused" {
  command = plan

  variables {
    feeds_days = 7
  }

  expect_failures = [var.feeds_days]
}
