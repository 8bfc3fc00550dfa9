variable "project" {
  description = "What is deployed; the first part of every name."
  type        = string

  validation {
    # "st" + project (8) + environment (5) + region (4) + digest (5) are 24 characters, the most that is allowed.
    condition     = can(regex("^[a-z][a-z0-9]{1,7}$", var.project))
    error_message = "The project has to be 2 to 8 lower-case letters and digits and begin with a letter: names of storage accounts allow no more."
  }
}

variable "environment" {
  description = "Which environment, such as dev, stage or prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,4}$", var.environment))
    error_message = "The environment has to be 2 to 5 lower-case letters and digits and begin with a letter."
  }
}

variable "region_code" {
  description = "Short form of the region, such as gwc for germanywestcentral."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,4}$", var.region_code))
    error_message = "The short form of the region has to be 2 to 4 lower-case letters."
  }
}

variable "subscription_id" {
  description = "Subscription; goes into the digest that makes names unique."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "The subscription has to be a UUID in lower case."
  }
}
