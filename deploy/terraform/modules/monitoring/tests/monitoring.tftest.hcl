mock_provider "azurerm" {}

variables {
  workspace_name      = "log-feedgate-dev-gwc"
  emails              = { operations = "operations@shop.example" }
  cluster_id          = "cluster"
  database_id         = "database"
  key_vault_id        = "vault"
  resource_group_name = "rg"
  location            = "germanywestcentral"
}

run "somebody_is_told_of_every_alert" {
  assert {
    condition     = alltrue([for alert in azurerm_monitor_metric_alert.database : one(alert.action[*].action_group_id) == azurerm_monitor_action_group.this.id])
    error_message = "an alert goes to nobody"
  }
  assert {
    condition     = azurerm_monitor_action_group.this.email_receiver[0].email_address == "operations@shop.example"
    error_message = "the group has nobody in it"
  }
}

run "logs_have_a_limit" {
  command = plan

  assert {
    condition     = azurerm_log_analytics_workspace.this.daily_quota_gb == 2
    error_message = "a loop that logs costs without end"
  }
}

run "nobody_to_tell_is_refused" {
  command = plan

  variables {
    emails = {}
  }

  expect_failures = [var.emails]
}

run "no_limit_is_refused" {
  command = plan

  variables {
    daily_gib = -1
  }

  expect_failures = [var.daily_gib]
}
