"""A folder of pictures on somebody's machine: what is in it, whose photo each file is, and how all of it gets up."""
