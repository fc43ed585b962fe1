"""What lesson 1 alone uses."""
