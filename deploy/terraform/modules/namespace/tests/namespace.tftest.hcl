mock_provider "kubernetes" {}

variables {
  name                 = "feedgate"
  labels               = { environment = "dev" }
  pod_security_version = "1.34"
  quota                = { cpu = "4", memory = "8Gi", storage = "50Gi", pods = 20 }
  deployers            = [{ kind = "ServiceAccount", name = "gitlab-agent", namespace = "gitlab-agent" }]
}

run "pod_security_is_restricted_and_pinned" {
  command = plan

  assert {
    condition = alltrue([
      for mode in ["enforce", "audit", "warn"] :
      kubernetes_namespace_v1.this.metadata[0].labels["pod-security.kubernetes.io/${mode}"] == "restricted"
      && kubernetes_namespace_v1.this.metadata[0].labels["pod-security.kubernetes.io/${mode}-version"] == "v1.34"
    ])
    error_message = "pods could run as root, or the rules change with an upgrade"
  }
  assert {
    condition     = kubernetes_namespace_v1.this.metadata[0].labels["environment"] == "dev"
    error_message = "further labels are lost"
  }
}

run "nothing_goes_in_or_out_unasked" {
  command = plan

  assert {
    condition     = length(setsubtract(["Ingress", "Egress"], kubernetes_network_policy_v1.deny.spec[0].policy_types)) == 0
    error_message = "one direction is open"
  }
  assert {
    condition     = kubernetes_resource_quota_v1.this.spec[0].hard["limits.memory"] == "8Gi"
    error_message = "the quota is not the one that was asked for"
  }
  assert {
    condition     = kubernetes_default_service_account_v1.this.automount_service_account_token == false
    error_message = "pods get a token that they have no use for"
  }
}

run "the_pipeline_neither_reads_secrets_nor_gives_rights" {
  command = plan

  assert {
    condition = alltrue([
      for rule in kubernetes_role_v1.deploy.rule :
      length(setintersection(["secrets", "roles", "rolebindings", "*", "pods/exec", "serviceaccounts/token"], rule.resources)) == 0
    ])
    error_message = "a pipeline could read the password, or give itself rights"
  }
  assert {
    condition     = alltrue([for rule in kubernetes_role_v1.deploy.rule : !contains(rule.verbs, "*")])
    error_message = "a rule allows everything"
  }
}

run "deployers_are_bound" {
  command = plan

  assert {
    condition     = kubernetes_role_binding_v1.deploy.subject[0].name == "gitlab-agent" && kubernetes_role_binding_v1.deploy.subject[0].namespace == "gitlab-agent"
    error_message = "the agent cannot deploy"
  }
  assert {
    condition     = output.name == "feedgate"
    error_message = "the namespace has another name"
  }
}

run "latest_is_refused" {
  command = plan

  variables {
    pod_security_version = "latest"
  }

  expect_failures = [var.pod_security_version]
}

run "a_loosened_namespace_is_refused" {
  command = plan

  variables {
    labels = { "pod-security.kubernetes.io/enforce" = "privileged" }
  }

  expect_failures = [var.labels]
}

run "everybody_may_not_deploy" {
  command = plan

  variables {
    deployers = [{ kind = "Group", name = "system:authenticated" }]
  }

  expect_failures = [var.deployers]
}

run "the_default_namespace_is_refused" {
  command = plan

  variables {
    name = "default"
  }

  expect_failures = [var.name]
}
