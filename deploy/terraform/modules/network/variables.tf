variable "name" {
  description = "Name of the virtual network."
  type        = string
}

variable "network" {
  description = "Addresses of the virtual network, as network-plan gives them."
  type        = string
}

variable "subnets" {
  description = "Addresses of the subnets, as network-plan gives them."
  type = object({
    nodes     = string
    database  = string
    endpoints = string
  })
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

