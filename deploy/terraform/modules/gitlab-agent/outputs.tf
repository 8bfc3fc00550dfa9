output "deployer" {
  description = "Who deploys, as modules/namespace wants it said."
  value = {
    kind      = "ServiceAccount"
    name      = var.service_account
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
}
