"""Many restarts of small networks trained at once."""
