"""What the worker can do. `registry` lists the tools."""
