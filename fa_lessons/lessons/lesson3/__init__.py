"""What lesson 3 alone uses."""
