"""Everything between a picture's bytes and the JPEG that is sent; `photo.py` says in which order."""
