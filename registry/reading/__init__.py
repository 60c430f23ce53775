"""The ledger is read here without any key.

Readers get records, evidence, proofs and the public log. Each answer is made under one snapshot of the store. Judging evidence is
left to `verify`.X
"""
