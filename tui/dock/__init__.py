"""What stands at the foot of the screen when the run waits, or when something is being written."""
