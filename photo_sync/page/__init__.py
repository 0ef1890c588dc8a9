"""The status page: what became of the photos, for people to look at."""
