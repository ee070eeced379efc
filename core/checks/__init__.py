"""The fast-fail check after a chunk (SPEC 7). `registry` picks the checkers that apply."""
