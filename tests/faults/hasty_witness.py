"""A witness that does not wait for the disk: the negative control of test_witness.py. Takes greffe's own arguments."""

import greffe
from registry.witness import server

if __name__ == "__main__":
    server.DURABLE = ("synchronous=NORMAL",)
    greffe.main()
