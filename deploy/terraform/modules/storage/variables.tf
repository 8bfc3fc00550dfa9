variable "name" {
  description = "Name of the storage account."
  type        = string
}

variable "production" {
  description = "Whether there is a copy in each zone."
  type        = bool
}

variable "ip_ranges" {
  description = "Addresses outside of the network that may reach it, such as those of partners who deliver; none keeps it private."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for range in var.ip_ranges : !endswith(range, "/0")])
    error_message = "The whole of the internet is no range of partners."
  }
}

variable "feeds_days" {
  description = "For how many days feeds are kept."
  type        = number
  default     = 90

  validation {
    condition     = var.feeds_days > 30
    error_message = "Feeds are kept for more than 30 days: by then they have become cheap, and what went wrong is asked about."
  }
}

variable "backups_days" {
  description = "For how many days backups are kept."
  type        = number
  default     = 35
}

variable "deleted_days" {
  description = "For how many days what was deleted or overwritten can be had back."
  type        = number
  default     = 14

  validation {
    condition     = var.deleted_days >= 1 && var.deleted_days <= 365
    error_message = "Azure keeps 1 to 365 days."
  }
}

variable "endpoints_subnet_id" {
  description = "Subnet of private endpoints."
  type        = string
}

variable "blob_zone_id" {
  description = "Private zone of the account's name."
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

