# A namespace as the pipeline finds it: what may run in it, how much, and who may change it. The pipeline applies
# deploy/kubernetes and cannot loosen any of this.

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = var.name

    labels = merge(
      var.labels,
      {
        for mode in ["enforce", "audit", "warn"] :
        "pod-security.kubernetes.io/${mode}" => "restricted"
      },
      {
        # Pinned: what is restricted is not to change with an upgrade of the cluster, but by a merge request.
        for mode in ["enforce", "audit", "warn"] :
        "pod-security.kubernetes.io/${mode}-version" => "v${var.pod_security_version}"
      },
    )
  }

  lifecycle {
    # Everything in it goes with it: claims with feeds, the spool.
    prevent_destroy = true
  }
}

locals {
  namespace = kubernetes_namespace_v1.this.metadata[0].name
}

resource "kubernetes_resource_quota_v1" "this" {
  metadata {
    name      = "feedgate"
    namespace = local.namespace
  }

  spec {
    hard = {
      "requests.cpu"           = var.quota.cpu
      "limits.memory"          = var.quota.memory
      "requests.memory"        = var.quota.memory
      "requests.storage"       = var.quota.storage
      "pods"                   = tostring(var.quota.pods)
      "count/jobs.batch"       = "100"
      "services.loadbalancers" = "0"
      "services.nodeports"     = "0"
    }
  }
}

# For pods that say nothing, which the quota would refuse otherwise. Those of deploy/kubernetes all say it.
resource "kubernetes_limit_range_v1" "this" {
  metadata {
    name      = "feedgate"
    namespace = local.namespace
  }

  spec {
    limit {
      type = "Container"
      default = {
        memory = "256Mi"
      }
      default_request = {
        cpu    = "50m"
        memory = "128Mi"
      }
    }
  }
}

# Nothing in, nothing out, for pods that nobody has thought of. deploy/kubernetes opens what each workload needs.
resource "kubernetes_network_policy_v1" "deny" {
  metadata {
    name      = "deny-all"
    namespace = local.namespace
  }

  spec {
    pod_selector {}
    policy_types = ["Ingress", "Egress"]
  }
}

resource "kubernetes_default_service_account_v1" "this" {
  metadata {
    namespace = local.namespace
  }

  automount_service_account_token = false
}

# What the pipeline may change, here and nowhere else. It may neither read secrets nor give rights.
resource "kubernetes_role_v1" "deploy" {
  metadata {
    name      = "deploy"
    namespace = local.namespace
  }

  dynamic "rule" {
    for_each = {
      ""                           = ["configmaps", "services", "serviceaccounts", "persistentvolumeclaims"]
      "apps"                       = ["deployments", "statefulsets"]
      "batch"                      = ["cronjobs", "jobs"]
      "autoscaling"                = ["horizontalpodautoscalers"]
      "policy"                     = ["poddisruptionbudgets"]
      "networking.k8s.io"          = ["ingresses", "networkpolicies"]
      "route.openshift.io"         = ["routes", "routes/custom-host"]
      "external-secrets.io"        = ["externalsecrets", "secretstores"]
      "monitoring.coreos.com"      = ["servicemonitors", "podmonitors", "prometheusrules"]
      "secrets-store.csi.x-k8s.io" = ["secretproviderclasses"]
    }

    content {
      api_groups = [rule.key]
      resources  = rule.value
      verbs      = ["get", "list", "watch", "create", "update", "patch", "delete"]
    }
  }

  # To say how a rollout went.
  rule {
    api_groups = ["", "apps"]
    resources  = ["pods", "pods/log", "events", "replicasets"]
    verbs      = ["get", "list", "watch"]
  }
}

resource "kubernetes_role_binding_v1" "deploy" {
  metadata {
    name      = "deploy"
    namespace = local.namespace
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role_v1.deploy.metadata[0].name
  }

  dynamic "subject" {
    for_each = var.deployers

    content {
      kind      = subject.value.kind
      name      = subject.value.name
      namespace = subject.value.kind == "ServiceAccount" ? subject.value.namespace : ""
      api_group = subject.value.kind == "ServiceAccount" ? "" : "rbac.authorization.k8s.io"
    }
  }
}
