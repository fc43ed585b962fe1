"""What lesson 2 alone uses."""
