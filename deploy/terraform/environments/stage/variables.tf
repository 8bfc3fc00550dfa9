variable "subscription_id" {
  description = "Subscription of this environment."
  type        = string
}

variable "admin_group_object_ids" {
  description = "Entra groups that administer the cluster."
  type        = list(string)
}

variable "reserved_ranges" {
  description = "Addresses of offices and of what is peered."
  type        = list(string)
}

variable "operator_ranges" {
  description = "From where operators and runners come."
  type        = list(string)
}

variable "partner_ranges" {
  description = "From where partners deliver feeds."
  type        = list(string)
  default     = []
}

variable "alert_emails" {
  description = "Who is told when the database fails."
  type        = map(string)
}

variable "container_registry_ids" {
  description = "Registries of Azure that nodes pull from."
  type        = map(string)
  default     = {}
}
