"""The services of a lab, each configured, prepared and served in a process of its own."""
