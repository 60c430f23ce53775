"""What the office does besides a run: standing, keys, erasure, anchors, tokens.

Read `standing`, `keys`, `erasure`, `anchors`, `tokens`.
"""
