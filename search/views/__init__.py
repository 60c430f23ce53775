"""What is shown of organizations and results, for pages and as JSON.

Pure. Addresses and status codes are left to `api` and `pages`. Read `organization`, `timeline`, `relationships`, `results`,
`organization_json`, `witnesses`, `schema_org`, `wording`, `reasons`.
"""
