"""The widget, and all that depends on the kernel and the front end."""
