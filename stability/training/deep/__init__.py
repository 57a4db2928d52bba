"""How do deep thin networks train, with and without separation constraints? Many seeds at once."""
