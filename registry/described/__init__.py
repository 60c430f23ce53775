"""What both apps say of themselves: their OpenAPI documents, made from pydantic models.

Read `openapi`, `problem`, `credential`. What each app's own operations take and give is left to that app.
"""
