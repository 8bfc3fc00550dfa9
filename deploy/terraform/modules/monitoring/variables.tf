variable "workspace_name" {
  description = "Name of the log workspace."
  type        = string
}

variable "retention_days" {
  description = "For how many days logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = var.retention_days >= 30 && var.retention_days <= 730
    error_message = "Azure keeps 30 to 730 days."
  }
}

variable "daily_gib" {
  description = "What may be logged on one day, in GiB."
  type        = number
  default     = 2

  validation {
    condition     = var.daily_gib > 0
    error_message = "A day's logs need a limit above 0: -1 would take it away."
  }
}

variable "emails" {
  description = "Who is told; the keys name them."
  type        = map(string)

  validation {
    condition     = length(var.emails) > 0 && alltrue([for email in values(var.emails) : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", email))])
    error_message = "Somebody has to be told, at an address."
  }
}

variable "cluster_id" {
  description = "The cluster."
  type        = string
}

variable "database_id" {
  description = "The database server."
  type        = string
}

variable "key_vault_id" {
  description = "The vault."
  type        = string
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

