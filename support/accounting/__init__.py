"""Accounting as pure values: nothing here reads a cloud, a file or a clock."""
