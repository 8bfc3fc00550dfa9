terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    gitlab = {
      source  = "gitlabhq/gitlab"
      version = ">= 18.0.0, < 19.0.0"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.1"
    }
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 2.38"
    }
  }

  backend "azurerm" {
    key              = "in-cluster.tfstate"
    use_oidc         = true
    use_azuread_auth = true
  }
}

locals {
  # 6dae42f8-... is Azure's own name for the API servers of all its clusters.
  kubelogin = ["get-token", "--login", var.login, "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"]
}

provider "kubernetes" {
  host = local.azure.cluster.api_server

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "kubelogin"
    args        = local.kubelogin
  }
}

provider "helm" {
  kubernetes = {
    host = local.azure.cluster.api_server

    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "kubelogin"
      args        = local.kubelogin
    }
  }
}

# Its token comes as GITLAB_TOKEN, from a protected and masked variable.
provider "gitlab" {
  base_url = "${var.gitlab.url}/api/v4/"
}
