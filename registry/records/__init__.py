"""The store is believed here only as far as signed entries prove it.

Whatever a key signs anew passes through this package first. Read `committed`.
"""
