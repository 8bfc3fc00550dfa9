# A Kubernetes cluster whose workloads prove who they are by tokens of the cluster (OIDC, workload identity), so that no
# secret is needed to reach the vault, the storage and whatever else Azure has.

resource "azurerm_user_assigned_identity" "cluster" {
  name                = "id-${var.name}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

# The cluster puts its nodes and load balancers into this subnet, and into no other part of the network.
resource "azurerm_role_assignment" "subnet" {
  scope                = var.subnet_id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_kubernetes_cluster" "this" {
  name                = var.name
  resource_group_name = var.resource_group_name
  location            = var.location
  dns_prefix          = var.name
  sku_tier            = var.production ? "Standard" : "Free"
  tags                = var.tags

  kubernetes_version        = var.kubernetes_version
  automatic_upgrade_channel = "patch"
  node_os_upgrade_channel   = "NodeImage"

  oidc_issuer_enabled       = true
  workload_identity_enabled = true
  # No certificates that nobody can take back: everybody signs in by Entra ID, and Azure says what they may do.
  local_account_disabled            = true
  role_based_access_control_enabled = true
  run_command_enabled               = false

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled     = true
    admin_group_object_ids = var.admin_group_object_ids
    tenant_id              = var.tenant_id
  }

  private_cluster_enabled = var.private

  dynamic "api_server_access_profile" {
    for_each = var.private ? [] : [var.authorized_ip_ranges]

    content {
      authorized_ip_ranges = api_server_access_profile.value
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.cluster.id]
  }

  default_node_pool {
    name                         = "system"
    vm_size                      = var.system_pool.vm_size
    vnet_subnet_id               = var.subnet_id
    zones                        = var.zones
    auto_scaling_enabled         = true
    min_count                    = var.system_pool.min
    max_count                    = var.system_pool.max
    only_critical_addons_enabled = true
    os_sku                       = "AzureLinux"
    # A change of size makes a second pool, moves everything, and removes the first one.
    temporary_name_for_rotation = "systemtmp"

    upgrade_settings {
      max_surge = "33%"
    }
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_data_plane  = "cilium"
    # Without it, NetworkPolicies are taken and do nothing.
    network_policy    = "cilium"
    pod_cidr          = var.network.pods
    service_cidr      = var.network.services
    dns_service_ip    = var.network.dns_service
    load_balancer_sku = "standard"
  }

  storage_profile {
    # Feeds in a bucket: see deploy/kubernetes/components/feeds-bucket.
    blob_driver_enabled = true
  }

  # Upgrades by day, in the week: the import has the night, and people are there when something breaks.
  maintenance_window_auto_upgrade {
    frequency   = "Weekly"
    interval    = 1
    day_of_week = var.maintenance.day
    start_time  = var.maintenance.time
    duration    = 4
    utc_offset  = "+00:00"
  }

  maintenance_window_node_os {
    frequency   = "Weekly"
    interval    = 1
    day_of_week = var.maintenance.day
    start_time  = var.maintenance.time
    duration    = 4
    utc_offset  = "+00:00"
  }

  lifecycle {
    # The autoscaler's business.
    ignore_changes = [default_node_pool[0].node_count]

    precondition {
      condition     = var.system_pool.max + var.work_pool.max <= var.nodes_max
      error_message = "The pools may grow to ${var.system_pool.max + var.work_pool.max} nodes, the network has room for ${var.nodes_max}."
    }
  }

  depends_on = [azurerm_role_assignment.subnet]
}

# Where feedgate runs. Imports are short and come by night: the pool goes down to its minimum in between.
resource "azurerm_kubernetes_cluster_node_pool" "work" {
  name                        = "work"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.this.id
  mode                        = "User"
  vm_size                     = var.work_pool.vm_size
  vnet_subnet_id              = var.subnet_id
  zones                       = var.zones
  auto_scaling_enabled        = true
  min_count                   = var.work_pool.min
  max_count                   = var.work_pool.max
  os_sku                      = "AzureLinux"
  temporary_name_for_rotation = "worktmp"
  tags                        = var.tags

  upgrade_settings {
    max_surge                = "33%"
    drain_timeout_in_minutes = 30
  }

  lifecycle {
    ignore_changes = [node_count]
  }
}

# Pulling images: by the identity of the nodes, without a secret.
resource "azurerm_role_assignment" "pull" {
  for_each = var.container_registry_ids

  scope                = each.value
  role_definition_name = "AcrPull"
  principal_id         = azurerm_kubernetes_cluster.this.kubelet_identity[0].object_id
  principal_type       = "ServicePrincipal"
}
