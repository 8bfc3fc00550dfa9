output "deployer" {
  description = "Who deploys: the subject of the RoleBinding in deploy/kubernetes/namespaces."
  value = {
    kind      = "ServiceAccount"
    name      = var.service_account
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
}
