variable "project" {
  description = "The project in GitLab that has the agent's configuration, with its groups: shop/feedgate."
  type        = string

  validation {
    condition     = can(regex("^[^/ ]+(/[^/ ]+)+$", var.project))
    error_message = "The project is written with its groups: GROUP/PROJECT."
  }
}

variable "name" {
  description = "Name of the agent, as in .gitlab/agents/NAME/config.yaml."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.name))
    error_message = "The name has to be a DNS label."
  }
}

variable "namespace" {
  description = "Namespace that the agent runs in."
  type        = string
  default     = "gitlab-agent"
}

variable "service_account" {
  description = "Account that the agent runs as; deploy/kubernetes/namespaces gives it its rights."
  type        = string
  default     = "gitlab-agent"
}

variable "kas_address" {
  description = "GitLab's end, such as wss://kas.gitlab.com or wss://gitlab.example/-/kubernetes-agent/."
  type        = string

  validation {
    condition     = can(regex("^(wss|grpcs)://", var.kas_address))
    error_message = "The address has to begin with wss:// or grpcs://: the token goes over it."
  }
}

variable "token_secret" {
  description = "Secret in the agent's namespace whose key `token` has the agent's token."
  type        = string
  default     = "gitlab-agent-token"
}

variable "chart_version" {
  description = "Version of the chart, in full."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.chart_version))
    error_message = "The version of the chart has to be one version, not a range."
  }
}

variable "pod_security_version" {
  description = "Minor version of Kubernetes whose rules of Pod Security hold."
  type        = string
}
