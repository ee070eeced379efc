"""A past run as something to give to others. `registry` lists the forms."""
