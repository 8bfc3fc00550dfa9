variable "name" {
  description = "Name of the cluster."
  type        = string
}

variable "tenant_id" {
  description = "Entra tenant that people sign in at."
  type        = string
}

variable "admin_group_object_ids" {
  description = "Entra groups whose members may do everything in the cluster."
  type        = list(string)

  validation {
    condition     = length(var.admin_group_object_ids) > 0
    error_message = "At least one group has to administer the cluster: local accounts are off, nobody else could."
  }
}

variable "kubernetes_version" {
  description = "Minor version, such as 1.34; Azure chooses the patch."
  type        = string

  validation {
    condition     = can(regex("^1\\.(3[0-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "The version has to be a minor one, 1.30 at least: the manifests are checked from there, and patches are the upgrade channel's business."
  }
}

variable "production" {
  description = "Whether the control plane has Azure's assurance of uptime."
  type        = bool
}

variable "private" {
  description = "Whether the API server can be reached from the network only."
  type        = bool
}

variable "authorized_ip_ranges" {
  description = "Who may reach the API server of a cluster that is not private."
  type        = list(string)
  default     = []

  validation {
    condition     = var.private || length(var.authorized_ip_ranges) > 0
    error_message = "A cluster that is not private needs the ranges that may reach its API server."
  }
  validation {
    condition     = alltrue([for range in var.authorized_ip_ranges : can(cidrhost(range, 0)) && !endswith(range, "/0")])
    error_message = "The ranges have to be in CIDR notation, and none of them the whole of the internet."
  }
}

variable "subnet_id" {
  description = "Subnet of the nodes."
  type        = string
}

variable "network" {
  description = "Addresses inside of the cluster, as network-plan gives them."
  type = object({
    pods        = string
    services    = string
    dns_service = string
  })
}

variable "nodes_max" {
  description = "Nodes that the network has room for, as network-plan says."
  type        = number
}

variable "zones" {
  description = "Availability zones of the nodes."
  type        = list(string)
  default     = ["1", "2", "3"]
}

variable "system_pool" {
  description = "Nodes for what the cluster itself runs."
  type = object({
    vm_size = string
    min     = number
    max     = number
  })

  validation {
    condition     = var.system_pool.min >= 1 && var.system_pool.max > var.system_pool.min
    error_message = "The system's pool needs a node at least, and room for one more during upgrades."
  }
}

variable "work_pool" {
  description = "Nodes for feedgate."
  type = object({
    vm_size = string
    min     = number
    max     = number
  })

  validation {
    condition     = var.work_pool.min >= 0 && var.work_pool.max >= max(1, var.work_pool.min)
    error_message = "The pool for feedgate has to be able to have a node, and its maximum may not be below its minimum."
  }
}

variable "maintenance" {
  description = "Day and hour (UTC) at which upgrades may begin; they have four hours."
  type = object({
    day  = string
    time = string
  })
  default = {
    day  = "Tuesday"
    time = "08:00"
  }

  validation {
    # From 05:00 to 16:00 and four hours on: not between 20:00 and 05:00, when feeds arrive and are imported.
    condition     = can(regex("^(0[5-9]|1[0-6]):[0-5][0-9]$", var.maintenance.time))
    error_message = "Upgrades may begin between 05:00 and 16:59 UTC: the night belongs to the import."
  }
}

variable "container_registry_ids" {
  description = "Registries of Azure that the nodes pull from; the keys are free."
  type        = map(string)
  default     = {}
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

