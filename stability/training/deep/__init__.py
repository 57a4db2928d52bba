"""Many deep thin networks trained at once."""
