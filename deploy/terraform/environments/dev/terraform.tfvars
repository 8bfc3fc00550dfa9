# Put your own in the place of these; none of it is a secret.
subscription_id        = "00000000-0000-0000-0000-000000000000"
admin_group_object_ids = ["00000000-0000-0000-0000-000000000000"]
reserved_ranges        = ["10.0.0.0/16"]
operator_ranges        = ["192.0.2.0/28"]
alert_emails           = { operations = "operations@shop.example" }
