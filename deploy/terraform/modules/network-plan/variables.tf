variable "network" {
  description = "Addresses of the virtual network, in CIDR notation; /20 to /23."
  type        = string

  validation {
    condition     = can(cidrhost(var.network, 0)) && can(regex("/(20|21|22|23)$", var.network))
    error_message = "The network has to be a range in CIDR notation between /20 and /23."
  }
  validation {
    condition     = try(cidrhost(var.network, 0) == split("/", var.network)[0], false)
    error_message = "The network has bits set behind its prefix: write the first address of the range."
  }
}

variable "pods" {
  description = "Addresses of pods; an overlay, seen in the cluster only."
  type        = string
  default     = "10.244.0.0/16"

  validation {
    condition     = can(cidrhost(var.pods, 0)) && can(regex("/1[2-8]$", var.pods))
    error_message = "The addresses of pods have to be a range between /12 and /18: each node takes a /24 of it."
  }
}

variable "services" {
  description = "Addresses of services, seen in the cluster only."
  type        = string
  default     = "10.96.0.0/16"

  validation {
    condition     = can(cidrhost(var.services, 0)) && can(regex("/(1[2-9]|2[0-4])$", var.services))
    error_message = "The addresses of services have to be a range between /12 and /24."
  }
}

variable "reserved" {
  description = "Ranges that are somebody else's: offices, other environments, what is peered."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for range in var.reserved : can(cidrhost(range, 0))])
    error_message = "Every reserved range has to be in CIDR notation."
  }
}
