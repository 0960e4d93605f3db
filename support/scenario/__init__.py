"""One scenario in a cloud: its context, its lifecycle from lease to clean-up, its audit."""
