"""What clouds.yaml says about a cloud: where it is, and what its operator allows."""
