"""Routes for programs.

What they say is left to `views`, what they judge to `verify`. Read `parameters`, `organizations`, `credentials`, `documents`,
`verify`, `vc`, `log`.
"""
