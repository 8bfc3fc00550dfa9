# Names of Azure resources: one place that knows their limits. No provider: `terraform test` runs it as it is.
#
# <kind>-<project>-<environment>-<region>, as in aks-feedgate-prod-gwc. Storage accounts and key vaults are names of the
# whole world: they end with a few characters of the digest of the subscription and the base, which are always the same.

locals {
  base   = "${var.project}-${var.environment}-${var.region_code}"
  joined = replace(local.base, "-", "")
  unique = substr(sha256("${var.subscription_id}/${local.base}"), 0, 5)
}
