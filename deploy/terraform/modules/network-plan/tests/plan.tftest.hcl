variables {
  network  = "10.20.0.0/20"
  reserved = ["10.0.0.0/16", "192.168.0.0/16"]
}

run "the_network_is_parted" {
  command = plan

  assert {
    condition     = output.subnets.nodes == "10.20.0.0/21"
    error_message = "nodes get ${output.subnets.nodes}"
  }
  assert {
    condition     = output.subnets.database == "10.20.8.0/24" && output.subnets.endpoints == "10.20.9.0/24"
    error_message = "database and endpoints get ${output.subnets.database} and ${output.subnets.endpoints}"
  }
  assert {
    condition     = output.dns_service == "10.96.0.10"
    error_message = "the name server is at ${output.dns_service}"
  }
  assert {
    condition     = output.nodes_max == 256
    error_message = "there is room for ${output.nodes_max} nodes"
  }
}

run "the_smallest_network_has_room" {
  command = plan

  variables {
    network = "10.20.0.0/23"
    pods    = "10.244.0.0/18"
  }

  assert {
    condition     = output.subnets.database == "10.20.1.0/27"
    error_message = "a database needs a /28 at least, it gets ${output.subnets.database}"
  }
  assert {
    condition     = output.nodes_max == 64
    error_message = "there is room for ${output.nodes_max} nodes"
  }
}

run "a_range_of_the_office_is_refused" {
  command = plan

  variables {
    network = "10.0.128.0/20"
  }

  expect_failures = [output.subnets]
}

run "pods_inside_of_the_network_are_refused" {
  command = plan

  variables {
    pods = "10.16.0.0/12"
  }

  expect_failures = [output.subnets]
}

run "services_inside_of_pods_are_refused" {
  command = plan

  variables {
    services = "10.244.128.0/20"
  }

  expect_failures = [output.subnets]
}

run "the_next_range_is_no_overlap" {
  command = plan

  variables {
    reserved = ["10.20.16.0/20", "10.19.240.0/20"]
  }

  assert {
    condition     = output.network == "10.20.0.0/20"
    error_message = "neighbours are taken for overlaps"
  }
}

run "a_network_that_is_too_small_is_refused" {
  command = plan

  variables {
    network = "10.20.0.0/24"
  }

  expect_failures = [var.network]
}

run "an_address_inside_of_a_range_is_refused" {
  command = plan

  variables {
    network = "10.20.1.0/20"
  }

  expect_failures = [var.network]
}

run "what_is_no_range_is_refused" {
  command = plan

  variables {
    reserved = ["office"]
  }

  expect_failures = [var.reserved]
}

run "the_very_same_range_is_refused" {
  command = plan

  variables {
    reserved = ["10.20.0.0/20"]
  }

  expect_failures = [output.subnets]
}
