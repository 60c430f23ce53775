"""One run over an extract: plan, number, sign, append, report every row.

What the register said is left to `timeline`. Read `issue`, `batches`, `report`.
"""
