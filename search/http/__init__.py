"""HTTP without a subject: server, host, limits, problems, negotiation, parameters, posted JSON.

Read `server`, `connections`, `crowd`, `logs`; `hosts`, `limits`, `problems`, `negotiation`, `language`, `parameters`,
`posted_json`, `json_answer`.
"""
