# What feedgate cannot say of itself: the control plane's audit log, and whether the database has room and is there.
# How the imports went is in Prometheus; see deploy/prometheus.

resource "azurerm_log_analytics_workspace" "this" {
  name                = var.workspace_name
  resource_group_name = var.resource_group_name
  location            = var.location
  sku                 = "PerGB2018"
  retention_in_days   = var.retention_days
  # A loop that logs must not cost more than a night's sleep.
  daily_quota_gb               = var.daily_gib
  local_authentication_enabled = false
  tags                         = var.tags
}

resource "azurerm_monitor_diagnostic_setting" "cluster" {
  name                           = "control-plane"
  target_resource_id             = var.cluster_id
  log_analytics_workspace_id     = azurerm_log_analytics_workspace.this.id
  log_analytics_destination_type = "Dedicated"

  dynamic "enabled_log" {
    # Not kube-audit: it has every read, and costs more than the cluster.
    for_each = toset(["kube-audit-admin", "guard", "cluster-autoscaler"])

    content {
      category = enabled_log.value
    }
  }
}

resource "azurerm_monitor_diagnostic_setting" "database" {
  name                       = "server"
  target_resource_id         = var.database_id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  enabled_log {
    category = "PostgreSQLLogs"
  }
}

# Who reads the password, and when.
resource "azurerm_monitor_diagnostic_setting" "vault" {
  name                       = "audit"
  target_resource_id         = var.key_vault_id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  enabled_log {
    category = "AuditEvent"
  }
}

resource "azurerm_monitor_action_group" "this" {
  name                = "ag-${var.workspace_name}"
  resource_group_name = var.resource_group_name
  short_name          = "feedgate"
  tags                = var.tags

  dynamic "email_receiver" {
    for_each = var.emails

    content {
      name                    = email_receiver.key
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

locals {
  alerts = {
    storage     = { metric = "storage_percent", aggregation = "Average", operator = "GreaterThan", threshold = 80, severity = 2, why = "The database's storage is filling up. It grows by itself; find out what grows." }
    connections = { metric = "connections_failed", aggregation = "Total", operator = "GreaterThan", threshold = 50, severity = 2, why = "Connections to the database fail: a password that was changed, or too many of them." }
    alive       = { metric = "is_db_alive", aggregation = "Maximum", operator = "LessThan", threshold = 1, severity = 0, why = "The database is down. Imports end with exit status 2 and are tried again." }
  }
}

resource "azurerm_monitor_metric_alert" "database" {
  for_each = local.alerts

  name                = "database-${each.key}"
  resource_group_name = var.resource_group_name
  scopes              = [var.database_id]
  description         = each.value.why
  severity            = each.value.severity
  frequency           = "PT5M"
  window_size         = "PT15M"
  tags                = var.tags

  criteria {
    metric_namespace = "Microsoft.DBforPostgreSQL/flexibleServers"
    metric_name      = each.value.metric
    aggregation      = each.value.aggregation
    operator         = each.value.operator
    threshold        = each.value.threshold
  }

  action {
    action_group_id = azurerm_monitor_action_group.this.id
  }
}
