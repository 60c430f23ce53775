"""The rows of the sample that are wrong on purpose, with their codes."""

from collections.abc import Sequence

#: (number, code of the rejection or "" for a good row that is held, cells that differ from a good row)
_PLANTED: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("BC9990001", "entity_type_unknown", {"entity_type": "ZZZ"}),
    ("BC9990002", "status_unknown", {"status": "GONE"}),
    ("BC9990003", "date_invalid", {"effective": "2019-02-31"}),
    ("BC9990004", "date_invalid", {"effective": "0000-00-00"}),
    ("BC9990005", "date_invalid", {"registered_on": "19-04-03"}),
    ("BC9990006", "date_future", {"registered_on": "2999-01-01"}),
    ("BC9990007", "name_empty", {"legal_name": "   "}),
    ("BC9990008", "name_too_long", {"legal_name": "Longwinded " * 46}),
    ("BC9990009", "text_characters", {"legal_name": "Hidden\u200bSpace Trading Ltd."}),
    ("BC9990010", "text_characters", {"street": "12 \u202eyaW drawkcaB"}),
    ("BC9990011", "text_not_nfc", {"legal_name": "Cafe\u0301 Fenholt Inc."}),
    ("BC9990012", "business_number", {"business_number": "12345"}),
    ("1E5", "number", {}),
    ("9990014", "number", {}),
    ("BC9990015", "event_id", {"event_id": "799x"}),
    ("BC9990016", "duplicate_row", {"event_id": "799901"}),
    ("BC9990016", "duplicate_row", {"event_id": "799901", "legal_name": "Twice Told Trading Ltd."}),
    ("BC9990017", "relationship", {"relationships": "doesBusinessAs=FM9000002"}),
    ("BC9990018", "relationship_unknown", {"relationships": "marriedTo FM9000002 2019-01-01"}),
    ("BC9990019", "address_role", {"address_role": ""}),
    ("BC9990020", "language", {"language": "English"}),
    ("BC9990021", "", {}),
    ("BC9990021", "", {"effective": "2019-05-06", "legal_name": "Half Told Trading Inc."}),
    ("BC9990021", "status_unknown", {"effective": "2020-07-08", "status": "ASLEEP"}),
    ("BC9990022", "row_length", {}),
)
_GOOD = {
    "event_type": "FILE",
    "filing_type": "ICORP",
    "effective": "2018-03-04",
    "entity_type": "BC",
    "language": "en",
    "legal_name": "Planted Trading Ltd.",
    "status": "ACT",
    "registered_on": "2018-03-04",
    "address_role": "RG",
    "street": "1 Lantern Street",
    "locality": "Kelmere",
    "region": "BC",
    "postal_code": "V0A 0A0",
    "country": "CA",
}


def plant(rows: list[list[str]], columns: Sequence[str]) -> dict[str, object]:
    """Append the bad rows; gives `{"rejected": [{"line", "code"}], "held": [...]}`, lines counted from 1, header included."""
    rejected: list[dict[str, object]] = []
    waiting: list[dict[str, object]] = []
    for index, (number, code, differing) in enumerate(_PLANTED):
        cells = {**_GOOD, "number": number, "event_id": str(799800 + index), **differing}
        row = [cells.get(column, "") for column in columns]
        rows.append(row[:9] if code == "row_length" else row)
        line = len(rows) + 1
        if code:
            rejected.append({"line": line, "code": code})
        else:
            waiting.append({"line": line, "code": "organization_incomplete"})
    return {"rejected": rejected, "held": waiting}
