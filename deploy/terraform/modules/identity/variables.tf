variable "name" {
  description = "Name of the identity."
  type        = string
}

variable "issuer" {
  description = "Who issues the tokens: the cluster, or GitLab."
  type        = string

  validation {
    condition     = startswith(var.issuer, "https://")
    error_message = "The issuer has to be an https address."
  }
}

variable "subjects" {
  description = <<-E
    Who the tokens speak of; the keys name the credentials. A service account is `system:serviceaccount:NAMESPACE:NAME`,
    a branch in GitLab `project_path:GROUP/PROJECT:ref_type:branch:ref:NAME`. Azure allows 20, and no wildcards.
  E
  type        = map(string)

  validation {
    condition     = length(var.subjects) > 0 && length(var.subjects) <= 20
    error_message = "An identity has 1 to 20 subjects."
  }
  validation {
    condition = alltrue([
      for subject in values(var.subjects) :
      can(regex("^(system:serviceaccount:[a-z0-9-]+:[a-z0-9-]+|project_path:[^:*]+/[^:*]+:ref_type:(branch|tag):ref:[^*]+)$", subject))
    ])
    error_message = "A subject is `system:serviceaccount:NAMESPACE:NAME` or `project_path:GROUP/PROJECT:ref_type:branch:ref:NAME`, without wildcards: Azure compares letter by letter."
  }
}

variable "roles" {
  description = "What the identity may do, and on what; the keys are free. Never `Owner`."
  type = map(object({
    role  = string
    scope = string
  }))
  default = {}

  validation {
    condition     = alltrue([for assignment in values(var.roles) : assignment.role != "Owner"])
    error_message = "No identity of a workload or of a pipeline is an owner: it could give itself everything."
  }
}

variable "resource_group_name" {
  description = "Resource group that everything goes into."
  type        = string
}

variable "location" {
  description = "Azure region."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}

