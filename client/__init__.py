"""The Python client, imported as `greffe.client`: what it gets it verifies itself."""
