"""A month with a million people, on a clock that jumps: what bounds the app, and which settings are best."""
