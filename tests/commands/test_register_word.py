"""`greffe held`, `correct` and `issue --due` from outside: what an office types, and what it is told."""

import json
from pathlib import Path
from typing import Any

from tests.builders.command import Greffe

HEADER = "Number,Name,Inc/Reg Date,Status,Registry Type,Name Status,Index Date\n"
TABLE = "number,event_id,event_type,filing_type,effective,entity_type,legal_name,status\n"


def delivered(greffe: Greffe, source: str, file: Path, text: str, expect: int = 0) -> Any:
    file.write_text(text, "utf-8")
    return json.loads(greffe("issue", "--source", source, file, "--json", expect=expect).stdout)


def test_what_is_held_is_shown_approved_and_rejected_by_its_id(greffe: Greffe, tmp_path: Path) -> None:
    greffe("init")
    file = tmp_path / "register.csv"
    live = f"{HEADER}000101C,Planted Limited,26 Oct 1965,Live,1931 Act Company,Current,2024-04-29\n"
    delivered(greffe, "isle-of-man", file, live)
    delivered(greffe, "isle-of-man", file, live.replace("Live", "Dissolved"))
    report = delivered(greffe, "isle-of-man", file, live, expect=3)
    [hold] = report["holds"]
    assert (hold["code"], hold["register"], hold["number"]) == ("status_regression", "im", "000101C")
    assert hold["rows"] == [{"file": "register.csv", "line": 2}]
    [item] = json.loads(greffe("held", "list", "--json").stdout)["held"]
    assert (item["id"], item["status"], item["approvable"]) == (hold["id"], "waiting", True)
    assert "Planted Limited" in greffe("held", "show", hold["id"]).stdout
    greffe("held", "reject", hold["id"], "--reason", "a clerk's error", "--by", "A. Registrar")
    assert delivered(greffe, "isle-of-man", file, live, expect=3)["holds"][0]["id"] == hold["id"]
    done = json.loads(greffe("held", "approve", hold["id"], "--reason", "court order", "--by", "B.", "--json").stdout)
    assert (done["issued"], done["organizations"]) == (1, 1)
    assert "held_unknown" in greffe("held", "approve", hold["id"], expect=2).stderr
    decisions = json.loads(greffe("held", "list", "--json").stdout)["decisions"]
    assert [(each["decision"], each["by"]) for each in decisions] == [("rejected", "A. Registrar"), ("approved", "B.")]
    assert delivered(greffe, "isle-of-man", file, live)["unchanged"] == 1
    assert json.loads(greffe("audit", "--json").stdout)["ok"] is True


def test_a_correction_is_a_preview_until_told(greffe: Greffe, tmp_path: Path) -> None:
    greffe("init")
    row = f"{TABLE}BC9000001,1,FILE,ICORP,2020-01-02,BC,HARBUOR SEAL INC.,ACT\n"
    delivered(greffe, "table", tmp_path / "extract.csv", row)
    arguments = ("correct", "sample", "BC9000001", "--legal-name=HARBOUR SEAL INC.", "--reason", "clerical_error")
    preview = json.loads(greffe(*arguments, "--json").stdout)
    assert (preview["after"]["legalName"], preview["index"], preview["dryRun"]) == ("HARBOUR SEAL INC.", None, True)
    assert "would sign this" in greffe(*arguments).stdout
    done = json.loads(greffe(*arguments, "--yes", "--json").stdout)
    assert (done["after"], done["dryRun"]) == (preview["after"], False)
    assert "nothing_to_correct" in greffe(*arguments, expect=2).stderr
    assert (
        "field_unknown"
        in greffe("correct", "sample", "BC9000001", "--colour=red", "--reason", "clerical_error", expect=2).stderr
    )
    assert delivered(greffe, "table", tmp_path / "extract.csv", row)["unchanged"] == 1
    report = delivered(
        greffe,
        "table",
        tmp_path / "extract.csv",
        row + "BC9000001,2,FILE,NOALA,2021-01-02,BC,OTHER INC.,ACT\n",
        expect=3,
    )
    assert [hold["code"] for hold in report["holds"]] == ["corrected_again"]


def test_filings_of_later_days_alone_are_no_reason_for_exit_3(greffe: Greffe, tmp_path: Path) -> None:
    greffe("init")
    assert greffe("issue", "--due").stdout == "nothing waits for its day\n"
    rows = f"{TABLE}BC9000001,1,FILE,ICORP,2020-01-02,BC,NOW LTD.,ACT\nBC9000001,2,FILE,NOALA,2999-01-02,BC,LATER LTD.,ACT\n"
    report = delivered(greffe, "table", tmp_path / "extract.csv", rows)
    assert report["rows"] == {"read": 2, "used": 1, "unchanged": 0, "rejected": 0, "held": 1}
    assert [(hold["code"], hold["rows"]) for hold in report["holds"]] == [
        ("future", [{"file": "extract.csv", "line": 3}])
    ]
    [due] = json.loads(greffe("issue", "--due", "--json").stdout)["reports"]
    assert (due["issued"], due["superseded"], due["register"]) == (0, 0, "sample")
    assert "held: future: 1" in greffe("issue", "--source", "table", tmp_path / "extract.csv").stdout
