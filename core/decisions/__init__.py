"""The decision policy (SPEC 5): a pure function of request, configuration and autonomy."""
