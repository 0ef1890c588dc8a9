"""Damaged pictures, made from sound ones again and again, to find what a picture must never do to the app."""
