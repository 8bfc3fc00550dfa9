variable "name" {
  description = "Name of the server."
  type        = string
}

variable "database" {
  description = "Name of the database."
  type        = string
  default     = "shop"
}

variable "key_vault_name" {
  description = "Name of the vault that gets the password."
  type        = string
}

variable "tenant_id" {
  description = "Entra tenant."
  type        = string
}

variable "writer_principal_id" {
  description = "Who applies this, and so writes the password into the vault."
  type        = string
}

variable "vault_ip_ranges" {
  description = "Addresses outside of the network from which the vault is reached, such as those of the runners; none keeps it private."
  type        = list(string)
  default     = []
}

variable "postgresql_version" {
  description = "Major version of PostgreSQL."
  type        = string
  default     = "16"

  validation {
    condition     = contains(["15", "16", "17"], var.postgresql_version)
    error_message = "feedgate is tested with PostgreSQL 15 and newer, Azure has 15 to 17."
  }
}

variable "sku" {
  description = "Size of the server, such as B_Standard_B2s or GP_Standard_D4ds_v5."
  type        = string

  validation {
    condition     = can(regex("^(B|GP|MO)_Standard_", var.sku))
    error_message = "The size begins with its class: B_, GP_ or MO_."
  }
  validation {
    condition     = !(var.production && startswith(var.sku, "B_"))
    error_message = "A burstable server has no standby and runs out of credit in the middle of an import: production needs GP_ or MO_."
  }
}

variable "storage_gib" {
  description = "Storage to begin with; it grows by itself."
  type        = number
  default     = 32

  validation {
    condition     = contains([32, 64, 128, 256, 512, 1024, 2048, 4096], var.storage_gib)
    error_message = "Azure has 32, 64, 128, 256, 512, 1024, 2048 and 4096 GiB."
  }
}

variable "backup_days" {
  description = "For how many days any point in time can be had back."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 35
    error_message = "Azure keeps 7 to 35 days."
  }
}

variable "password_version" {
  description = "Raise it by one to have a new password."
  type        = number
  default     = 1

  validation {
    condition     = var.password_version >= 1 && floor(var.password_version) == var.password_version
    error_message = "The version is a whole number from 1 on."
  }
}

variable "production" {
  description = "Whether there is a standby in another zone, a copy of the backups in another region, and a lock against deletion."
  type        = bool
}

variable "database_subnet_id" {
  description = "Subnet that is the server's alone."
  type        = string
}

variable "database_zone_id" {
  description = "Private zone of the server's name."
  type        = string
}

variable "endpoints_subnet_id" {
  description = "Subnet of private endpoints."
  type        = string
}

variable "vault_zone_id" {
  description = "Private zone of the vault's name."
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

