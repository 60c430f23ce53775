"""Routes for people, in both languages; the templates' site and static files.

What a page shows is left to `views`. Read `routes`, `verify_page`, `site`, `static_files`.
"""
