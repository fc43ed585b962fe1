"""What lesson 6 alone uses."""
