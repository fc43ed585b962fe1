"""What lesson 8 alone uses."""
