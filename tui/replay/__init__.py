"""What the replay screen is made of, besides its widgets."""
