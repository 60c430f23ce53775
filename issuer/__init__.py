"""From the corporate register to a signed credential.

`sources` read an extract, `history` judges and folds what it says of one organization, `plan` finds what the ledger does
not hold yet, `draft` makes the unsigned credential, `workers` sign it, `issue` runs it all and `report` counts every row.
"""
