terraform {
  # 1.11: write-only arguments. The password goes to the server and to the vault, never into the state.
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.73"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }
}
