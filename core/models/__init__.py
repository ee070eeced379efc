"""Models that can be a worker. `base` is what the engine knows of them."""
