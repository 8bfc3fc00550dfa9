variable "name" {
  description = "Name of the namespace."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.name)) && !startswith(var.name, "kube-") && var.name != "default"
    error_message = "The name has to be a DNS label of its own, not `default` and not one of the cluster's."
  }
}

variable "labels" {
  description = "Further labels."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.labels) : !startswith(key, "pod-security.kubernetes.io/")])
    error_message = "Pod Security is restricted and is not set here."
  }
}

variable "pod_security_version" {
  description = "Minor version of Kubernetes whose rules of Pod Security hold."
  type        = string

  validation {
    condition     = can(regex("^1\\.(3[0-9]|[4-9][0-9])$", var.pod_security_version))
    error_message = "The version has to be a minor one, 1.30 at least; `latest` would change under the feet of what runs."
  }
}

variable "quota" {
  description = "What all pods together may ask for, in the notation of Kubernetes."
  type = object({
    cpu     = string
    memory  = string
    storage = string
    pods    = number
  })

  validation {
    condition     = can(regex("^[0-9]+(Mi|Gi)$", var.quota.memory)) && can(regex("^[0-9]+(Gi|Ti)$", var.quota.storage)) && can(regex("^[0-9]+m?$", var.quota.cpu))
    error_message = "The quota is written as `4` or `500m`, `8Gi`, `100Gi`."
  }
  validation {
    # An upgrade of the service takes one pod more, the import and its shards stand beside it.
    condition     = var.quota.pods >= 10
    error_message = "Fewer than 10 pods leave no room for an import beside an upgrade of the service."
  }
}

variable "deployers" {
  description = "Who may deploy: the account of GitLab's agent, and groups of people if there have to be any."
  type = list(object({
    kind      = string
    name      = string
    namespace = optional(string, "")
  }))

  validation {
    condition     = alltrue([for deployer in var.deployers : contains(["User", "Group", "ServiceAccount"], deployer.kind)])
    error_message = "A deployer is a User, a Group or a ServiceAccount."
  }
  validation {
    condition     = alltrue([for deployer in var.deployers : deployer.name != "system:authenticated" && deployer.name != "system:unauthenticated"])
    error_message = "Not everybody may deploy."
  }
}
