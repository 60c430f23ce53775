"""A fictional register extract, awkward on purpose, its seeded generator, and what the whole journey must make of it."""
