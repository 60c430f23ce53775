"""One run over an extract: plan, number, sign and append in batches, report every row.

What the register said is left to `timeline`. Read `issue`, `batches`, `report`.
"""
