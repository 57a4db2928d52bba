"""Numbers and certificates, without floats."""
