"""The terminal screens. They fold nothing and decide nothing: they show a RunState and send Commands."""
