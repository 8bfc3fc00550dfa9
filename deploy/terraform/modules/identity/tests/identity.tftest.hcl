mock_provider "azurerm" {}

variables {
  name                = "id-feedgate-dev-gwc-secrets"
  issuer              = "https://issuer.example/tenant/cluster/"
  subjects            = { secrets = "system:serviceaccount:feedgate:feedgate-secrets" }
  roles               = { vault = { role = "Key Vault Secrets User", scope = "/subscriptions/x/vault" } }
  resource_group_name = "rg"
  location            = "germanywestcentral"
}

run "a_service_account_becomes_the_identity" {
  assert {
    condition     = azurerm_federated_identity_credential.this["secrets"].subject == "system:serviceaccount:feedgate:feedgate-secrets"
    error_message = "the subject is not the one that was asked for"
  }
  assert {
    condition     = azurerm_federated_identity_credential.this["secrets"].audience[0] == "api://AzureADTokenExchange"
    error_message = "Azure takes tokens for this audience alone"
  }
  assert {
    condition     = azurerm_role_assignment.this["vault"].principal_id == azurerm_user_assigned_identity.this.principal_id
    error_message = "the role goes to somebody else"
  }
}

run "a_wildcard_is_refused" {
  command = plan

  variables {
    subjects = { all = "project_path:shop/feedgate:ref_type:branch:ref:*" }
  }

  expect_failures = [var.subjects]
}

run "an_owner_is_refused" {
  command = plan

  variables {
    roles = { all = { role = "Owner", scope = "/subscriptions/x" } }
  }

  expect_failures = [var.roles]
}

run "an_issuer_without_tls_is_refused" {
  command = plan

  variables {
    issuer = "http://issuer.example"
  }

  expect_failures = [var.issuer]
}
