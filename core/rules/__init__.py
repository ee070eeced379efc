"""The seed's non-negotiables, checked on a chunk's diff. `registry` lists them."""
