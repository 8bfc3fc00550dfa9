output "name" {
  description = "The namespace, known when its limits hold."
  value       = local.namespace
  depends_on = [
    kubernetes_resource_quota_v1.this,
    kubernetes_network_policy_v1.deny,
    kubernetes_role_binding_v1.deploy,
  ]
}
