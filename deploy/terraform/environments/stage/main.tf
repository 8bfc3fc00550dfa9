# As production in shape, smaller in size: what is found here is not found there.
# Where it is and who may reach it, terraform.tfvars says; what it is, this file.

module "environment" {
  source = "../../modules/environment"

  environment     = "stage"
  subscription_id = var.subscription_id
  network         = "10.20.16.0/20"
  # The office, and the other environments: peering them later must not fail because they overlap.
  reserved_ranges        = concat(var.reserved_ranges, ["10.20.0.0/20", "10.20.32.0/20"])
  operator_ranges        = var.operator_ranges
  partner_ranges         = var.partner_ranges
  admin_group_object_ids = var.admin_group_object_ids
  alert_emails           = var.alert_emails
  container_registry_ids = var.container_registry_ids

  kubernetes_version = "1.34"
  namespace          = "feedgate-stage"
  production         = false
  private_cluster    = false

  system_pool = { vm_size = "Standard_D2as_v5", min = 2, max = 4 }
  work_pool   = { vm_size = "Standard_D4as_v5", min = 1, max = 4 }

  database = {
    sku              = "GP_Standard_D2ds_v5"
    storage_gib      = 64
    backup_days      = 14
    password_version = 1
  }
}
