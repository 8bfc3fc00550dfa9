variables {
  project         = "feedgate"
  environment     = "prod"
  region_code     = "gwc"
  subscription_id = "00000000-0000-0000-0000-000000000000"
}

run "names_follow_the_scheme" {
  command = plan

  assert {
    condition     = output.resource_group == "rg-feedgate-prod-gwc" && output.cluster == "aks-feedgate-prod-gwc"
    error_message = "names do not follow <kind>-<project>-<environment>-<region>"
  }
  assert {
    condition     = can(regex("^[a-z0-9]{3,24}$", output.storage_account))
    error_message = "${output.storage_account} is no name for a storage account"
  }
  assert {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", output.key_vault))
    error_message = "${output.key_vault} is no name for a key vault"
  }
  assert {
    condition     = output.tags.environment == "prod"
    error_message = "resources do not carry their environment"
  }
}

run "the_longest_parts_still_fit" {
  command = plan

  variables {
    project     = "abcdefgh"
    environment = "stage"
    region_code = "abcd"
  }

  assert {
    condition     = length(output.storage_account) == 24
    error_message = "${output.storage_account} has ${length(output.storage_account)} characters; the limits are to allow 24 and no more"
  }
  assert {
    condition     = length(output.key_vault) <= 24
    error_message = "${output.key_vault} has ${length(output.key_vault)} characters, 24 are allowed"
  }
}

run "another_subscription_has_other_global_names" {
  command = plan

  variables {
    subscription_id = "11111111-1111-1111-1111-111111111111"
  }

  assert {
    condition     = output.storage_account != "stfeedgateprodgwc${substr(sha256("00000000-0000-0000-0000-000000000000/feedgate-prod-gwc"), 0, 5)}"
    error_message = "two subscriptions would fight for one name"
  }
  assert {
    condition     = output.cluster == "aks-feedgate-prod-gwc"
    error_message = "names that are not global have no digest"
  }
}

run "a_project_that_is_too_long_is_refused" {
  command = plan

  variables {
    project = "abcdefghi"
  }

  expect_failures = [var.project]
}

run "an_environment_with_capitals_is_refused" {
  command = plan

  variables {
    environment = "Prod"
  }

  expect_failures = [var.environment]
}

run "a_region_in_full_is_refused" {
  command = plan

  variables {
    region_code = "germanywestcentral"
  }

  expect_failures = [var.region_code]
}

run "a_subscription_that_is_no_uuid_is_refused" {
  command = plan

  variables {
    subscription_id = "feedgate-subscription"
  }

  expect_failures = [var.subscription_id]
}
