"""What things cost: measured, so that it can be told instead of guessed."""
