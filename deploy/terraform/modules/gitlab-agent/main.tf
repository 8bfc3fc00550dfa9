# GitLab's agent: it calls GitLab from inside of the cluster, so that pipelines reach the cluster without a kubeconfig
# and without a hole in the network. What it may do there, deploy/kubernetes/namespaces says.
#
# Its token is made by hand once and never comes near Terraform, whose state would keep it (see deploy/terraform/README.md).

data "gitlab_project" "this" {
  path_with_namespace = var.project
}

resource "gitlab_cluster_agent" "this" {
  project = data.gitlab_project.this.id
  name    = var.name
}

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = var.namespace

    labels = {
      "pod-security.kubernetes.io/enforce"         = "restricted"
      "pod-security.kubernetes.io/enforce-version" = "v${var.pod_security_version}"
    }
  }
}

resource "helm_release" "this" {
  name       = "gitlab-agent"
  namespace  = kubernetes_namespace_v1.this.metadata[0].name
  repository = "https://charts.gitlab.io"
  chart      = "gitlab-agent"
  version    = var.chart_version
  atomic     = true
  timeout    = 300

  values = [yamlencode({
    replicas = 2
    config = {
      kasAddress = var.kas_address
      # A Secret with the key `token`; made by hand.
      secretName = var.token_secret
    }
    serviceAccount = {
      create = true
      name   = var.service_account
    }
    # The chart's default is cluster-admin. What the agent may do, deploy/kubernetes/namespaces gives to this account instead.
    rbac = {
      create = false
    }
  })]
}
