"""photo-sync: the name of a blob says whose photo it is; its picture becomes that one's photo in Microsoft 365."""

__version__ = "0.1.0"
