"""What knows the kernel and the front end."""
