"""HTTP without a subject: host, limits, problems, negotiation, parameters, posted JSON.

Read `hosts`, `limits`, `problems`, `negotiation`, `posted_json`, `json_answer`.
"""
