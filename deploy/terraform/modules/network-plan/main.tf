# Who gets which addresses, worked out and checked before anything is made. No provider: `terraform test` runs it.
#
# A network cannot be made larger or moved once a cluster sits in it, and ranges that overlap are found out when traffic
# to the office goes nowhere. So everything that has addresses is named here and held against everything else.

locals {
  # Nodes get half of the network: with an overlay, pods take none of it. 1/16 each for what is small.
  parts = cidrsubnets(var.network, 1, 4, 4)

  ranges = merge(
    { network = var.network, pods = var.pods, services = var.services },
    { for index, range in var.reserved : "reserved ${index}" => range },
  )

  # First and last address of each range as a number.
  bounds = {
    for name, range in local.ranges : name => {
      first = local.number[name]
      last  = local.number[name] + pow(2, 32 - tonumber(split("/", range)[1])) - 1
    }
  }
  number = {
    for name, range in local.ranges : name => sum([
      for position, byte in split(".", cidrhost(range, 0)) : tonumber(byte) * pow(256, 3 - position)
    ])
  }

  # What is reserved may overlap with itself: it is other people's.
  overlaps = [
    for pair in setproduct(["network", "pods", "services"], keys(local.ranges)) : join(" and ", pair)
    if pair[0] != pair[1]
    && local.bounds[pair[0]].first <= local.bounds[pair[1]].last
    && local.bounds[pair[1]].first <= local.bounds[pair[0]].last
  ]
}
