"""One scenario in a cloud: its context, its life from lease to clean-up, its audit."""
