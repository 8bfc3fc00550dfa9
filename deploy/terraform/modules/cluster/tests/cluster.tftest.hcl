mock_provider "azurerm" {
  mock_resource "azurerm_kubernetes_cluster" {
    defaults = {
      fqdn         = "public.example"
      private_fqdn = "private.example"
    }
  }
}

variables {
  name                   = "aks-feedgate-dev-gwc"
  tenant_id              = "00000000-0000-0000-0000-000000000000"
  admin_group_object_ids = ["00000000-0000-0000-0000-000000000000"]
  kubernetes_version     = "1.34"
  production             = false
  private                = false
  authorized_ip_ranges   = ["192.0.2.0/28"]
  subnet_id              = "subnet"
  network                = { pods = "10.244.0.0/16", services = "10.96.0.0/16", dns_service = "10.96.0.10" }
  nodes_max              = 256
  system_pool            = { vm_size = "Standard_D2as_v5", min = 1, max = 3 }
  work_pool              = { vm_size = "Standard_D2as_v5", min = 0, max = 3 }
  resource_group_name    = "rg"
  location               = "germanywestcentral"
}

run "identities_and_policies_hold" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster.this.oidc_issuer_enabled && azurerm_kubernetes_cluster.this.workload_identity_enabled
    error_message = "workloads could not prove who they are"
  }
  assert {
    condition     = azurerm_kubernetes_cluster.this.local_account_disabled
    error_message = "there would be an administrator's certificate that nobody can take back"
  }
  assert {
    condition     = azurerm_kubernetes_cluster.this.network_profile[0].network_policy == "cilium" && azurerm_kubernetes_cluster.this.network_profile[0].network_data_plane == "cilium"
    error_message = "NetworkPolicies would be taken and do nothing"
  }
  assert {
    condition     = azurerm_kubernetes_cluster.this.default_node_pool[0].only_critical_addons_enabled
    error_message = "imports would take the nodes of the cluster's own programs"
  }
}

run "a_public_address_is_fenced" {
  assert {
    condition     = azurerm_kubernetes_cluster.this.api_server_access_profile[0].authorized_ip_ranges[0] == "192.0.2.0/28"
    error_message = "the API server is open to everybody"
  }
  assert {
    condition     = output.api_server == "https://public.example:443"
    error_message = "${output.api_server} is not the public address"
  }
}

run "a_private_cluster_has_its_private_address" {
  variables {
    private              = true
    authorized_ip_ranges = []
  }

  assert {
    condition     = length(azurerm_kubernetes_cluster.this.api_server_access_profile) == 0
    error_message = "a private cluster takes no ranges"
  }
  assert {
    condition     = output.api_server == "https://private.example:443"
    error_message = "${output.api_server} is not the private address"
  }
}

run "a_cluster_without_a_fence_is_refused" {
  command = plan

  variables {
    authorized_ip_ranges = []
  }

  expect_failures = [var.authorized_ip_ranges]
}

run "the_whole_internet_is_refused" {
  command = plan

  variables {
    authorized_ip_ranges = ["0.0.0.0/0"]
  }

  expect_failures = [var.authorized_ip_ranges]
}

run "an_upgrade_at_night_is_refused" {
  command = plan

  variables {
    maintenance = { day = "Tuesday", time = "01:00" }
  }

  expect_failures = [var.maintenance]
}

run "more_nodes_than_addresses_are_refused" {
  command = plan

  variables {
    nodes_max = 5
  }

  expect_failures = [azurerm_kubernetes_cluster.this]
}

run "a_cluster_without_administrators_is_refused" {
  command = plan

  variables {
    admin_group_object_ids = []
  }

  expect_failures = [var.admin_group_object_ids]
}

run "a_patch_version_is_refused" {
  command = plan

  variables {
    kubernetes_version = "1.34.2"
  }

  expect_failures = [var.kubernetes_version]
}
