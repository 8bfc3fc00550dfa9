output "subnets" {
  description = "Address ranges of the subnets: nodes, database, endpoints."
  value = {
    nodes     = local.parts[0]
    database  = local.parts[1]
    endpoints = local.parts[2]
  }

  precondition {
    condition     = length(local.overlaps) == 0
    error_message = "Ranges overlap: ${join("; ", local.overlaps)}."
  }
}

output "network" {
  description = "Addresses of the virtual network."
  value       = var.network
}

output "pods" {
  description = "Addresses of pods."
  value       = var.pods
}

output "services" {
  description = "Addresses of services."
  value       = var.services
}

output "dns_service" {
  description = "Address of the cluster's name server, the tenth of the services."
  value       = cidrhost(var.services, 10)
}

output "nodes_max" {
  description = "How many nodes there is room for: each takes a /24 of the pods, and Azure keeps 5 addresses of a subnet."
  value = min(
    pow(2, 24 - tonumber(split("/", var.pods)[1])),
    pow(2, 32 - tonumber(split("/", local.parts[0])[1])) - 5,
  )
}
