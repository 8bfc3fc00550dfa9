variable "state" {
  description = "Where the states are, and whether they are reached by the pipeline's token."
  type = object({
    resource_group_name  = string
    storage_account_name = string
    use_oidc             = optional(bool, true)
  })
}

variable "gitlab" {
  description = "The project in GitLab that has the agents, and where they call."
  type = object({
    url         = string
    project     = string
    kas_address = string
  })
}

variable "login" {
  description = "How kubelogin signs in: workloadidentity in a pipeline, azurecli at a desk."
  type        = string
  default     = "workloadidentity"

  validation {
    condition     = contains(["workloadidentity", "azurecli"], var.login)
    error_message = "Sign in by workloadidentity or azurecli; neither needs a secret."
  }
}
