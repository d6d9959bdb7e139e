"""What one login of one person is."""
