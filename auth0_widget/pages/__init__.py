"""The browser pages that show a widget, and their messages to and from the kernel."""
