"""A fictional register extract, awkward on purpose, and what it must become."""
