"""HTTP without a subject: host, limits, problems, negotiation, parameters, posted JSON.

Read `hosts`, `limits`, `problems`, `negotiation`, `language`, `parameters`, `posted_json`, `json_answer`.
"""
