"""What lesson 7 alone uses."""
