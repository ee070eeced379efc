"""One file a panel of the run screen; `registry` lists them."""
