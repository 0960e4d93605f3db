"""What clouds.yaml says of a cloud: where it is, and what its operator allows there."""
