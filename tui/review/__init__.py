"""The review of a chunk: the rows of its diff, what stands at them, and what the reviewer has done so far."""
