"""Callbacks and loggers for the tools in which people train; none of these tools is required."""
