# Put your own in the place of these; none of it is a secret.
state = {
  resource_group_name  = "rg-feedgate-state"
  storage_account_name = "stfeedgatestate00000"
}
gitlab = {
  url         = "https://gitlab.example"
  project     = "shop/clusters"
  kas_address = "wss://gitlab.example/-/kubernetes-agent/"
}
