"""What is shown of an organization and of results, as content of pages and as JSON.

Pure. Addresses and status codes are left to `api` and `pages`. Read `organization`, `timeline`, `relationships`, `results`,
`organization_json`, `witnesses`, `schema_org`, `wording`, `reasons`.
"""
