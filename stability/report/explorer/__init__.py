"""The explorer: a page that shows one landscape exactly, and follows gradient flow where a reader starts it."""
