"""What lesson 4 alone uses."""
