output "pipeline" {
  description = "What the project's CI variables are set to, by environment: ARM_CLIENT_ID of plan and of apply."
  value = {
    for environment in local.environments : environment => {
      plan  = module.plan[environment].client_id
      apply = module.apply[environment].client_id
    }
  }
}
