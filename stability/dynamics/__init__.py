"""Where gradient flow and update rules go, exactly."""
