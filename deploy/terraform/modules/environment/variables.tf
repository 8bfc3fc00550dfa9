variable "environment" {
  description = "Which environment; the last part of its folder's name."
  type        = string
}

variable "subscription_id" {
  description = "Subscription that it lives in."
  type        = string
}

variable "region" {
  description = "Azure region, and its short form for names."
  type = object({
    name = string
    code = string
  })
  default = {
    name = "germanywestcentral"
    code = "gwc"
  }
}

variable "network" {
  description = "Addresses of the environment; each has its own."
  type        = string
}

variable "reserved_ranges" {
  description = "Addresses that are somebody else's."
  type        = list(string)
}

variable "operator_ranges" {
  description = "From where operators and runners reach the API server, when it is not private, and the vault."
  type        = list(string)
}

variable "partner_ranges" {
  description = "From where partners deliver feeds into the storage."
  type        = list(string)
  default     = []
}

variable "admin_group_object_ids" {
  description = "Entra groups that administer the cluster."
  type        = list(string)
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string
}

variable "namespace" {
  description = "Namespace that feedgate runs in."
  type        = string
}

variable "production" {
  description = "Whether it has standbys, copies and locks."
  type        = bool
}

variable "private_cluster" {
  description = "Whether the API server can be reached from the network only."
  type        = bool
}

variable "system_pool" {
  description = "Nodes for what the cluster itself runs."
  type = object({
    vm_size = string
    min     = number
    max     = number
  })
}

variable "work_pool" {
  description = "Nodes for feedgate."
  type = object({
    vm_size = string
    min     = number
    max     = number
  })
}

variable "database" {
  description = "Size of the database, days of its backups, and which password holds."
  type = object({
    sku              = string
    storage_gib      = number
    backup_days      = number
    password_version = number
  })
}

variable "container_registry_ids" {
  description = "Registries of Azure that nodes pull from."
  type        = map(string)
  default     = {}
}

variable "alert_emails" {
  description = "Who is told when the database fails; the keys name them."
  type        = map(string)
}
