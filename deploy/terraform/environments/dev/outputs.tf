output "environment" {
  description = "What deploy/kubernetes and the folder in-cluster have to know. None of it is a secret."
  value       = module.environment
}
