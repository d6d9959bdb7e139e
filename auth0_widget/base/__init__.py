"""What every other package may use: redaction, strict JSON, private files, threads, sockets."""
