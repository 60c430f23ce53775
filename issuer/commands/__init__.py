"""The `greffe` commands of the issuer. Read `issue`, `keys`, `office`."""
