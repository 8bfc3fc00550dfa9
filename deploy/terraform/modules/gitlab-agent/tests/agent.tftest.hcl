mock_provider "gitlab" {}
mock_provider "helm" {}
mock_provider "kubernetes" {}

variables {
  project              = "shop/feedgate"
  name                 = "dev"
  kas_address          = "wss://gitlab.example/-/kubernetes-agent/"
  chart_version        = "2.20.1"
  pod_security_version = "1.34"
}

run "the_agent_has_no_rights_of_its_own_and_its_token_is_a_name" {
  assert {
    condition     = yamldecode(helm_release.this.values[0]).rbac.create == false
    error_message = "the chart would make the agent an administrator of the cluster"
  }
  assert {
    condition     = yamldecode(helm_release.this.values[0]).config.secretName == "gitlab-agent-token" && !can(yamldecode(helm_release.this.values[0]).config.token)
    error_message = "the token would get into the state"
  }
  assert {
    condition     = output.deployer.name == yamldecode(helm_release.this.values[0]).serviceAccount.name
    error_message = "the rights go to another account than the agent's"
  }
}

run "a_range_of_versions_is_refused" {
  command = plan

  variables {
    chart_version = "~> 2.0"
  }

  expect_failures = [var.chart_version]
}

run "an_address_without_tls_is_refused" {
  command = plan

  variables {
    kas_address = "ws://gitlab.example/-/kubernetes-agent/"
  }

  expect_failures = [var.kas_address]
}
