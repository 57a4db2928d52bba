"""Reports to look at: pages that stand alone and verify what they say."""
