"""What lesson 5 alone uses."""
