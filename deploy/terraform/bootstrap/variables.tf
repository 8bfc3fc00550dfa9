variable "state_account" {
  description = "Name of the storage account for states; unique in the world."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{3,24}$", var.state_account))
    error_message = "A storage account's name has 3 to 24 lower-case letters and digits."
  }
}

variable "subscription_ids" {
  description = "Subscription of each environment; the states go into that of prod."
  type = object({
    dev   = string
    stage = string
    prod  = string
  })
}

variable "gitlab_url" {
  description = "Who issues the pipelines' tokens; as `iss` says, without a slash at the end."
  type        = string

  validation {
    condition     = can(regex("^https://[^/]+$", var.gitlab_url))
    error_message = "The address has to be https, without a path."
  }
}

variable "gitlab_project" {
  description = "The project whose pipelines plan and apply: GROUP/PROJECT."
  type        = string
}

variable "operator_ranges" {
  description = "From where operators and runners reach the states."
  type        = list(string)
}

variable "plan_branches" {
  description = "Branches whose pipelines may plan. Azure compares letter by letter; for all branches see the README."
  type        = list(string)
  default     = ["main"]
}
