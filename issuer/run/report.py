"""The report of a run: every row ends as used, unchanged, rejected or held."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from issuer.run.held import Held
from issuer.timeline.changes import Extract, Rejection, Row
from issuer.timeline.history import Flag
from issuer.timeline.plan import Planned

#: why rows wait without anybody having to look: they are about a later day
FUTURE = "future"
#: organizations that a report shows of a change of rules
SAMPLE = 5
#: a row that stands in several organizations takes the first of these that any of them says
_OUTCOMES = ("used", "held", "unchanged", "rejected")


@dataclass(slots=True)
class Report:
    """Counts of entries by kind, of organizations, and the outcome of rows. `revocations`: numbers of the organizations
    whose newest credential is to be revoked, since all that it rests on was withdrawn.
    """

    source: str
    extract: Extract
    issued: int = 0
    superseded: int = 0
    corrected: int = 0
    revoked: int = 0
    organizations: int = 0
    nameless: int = 0
    revocations: list[str] = field(default_factory=list)
    holds: list[tuple[Held, tuple[Row, ...]]] = field(default_factory=list)
    _not_issued: dict[str, str] = field(default_factory=dict)
    _flags: list[Flag] = field(default_factory=list)
    _rule_changes: dict[str, tuple[Planned, ...]] = field(default_factory=dict)
    _outcome: dict[Row, str] = field(default_factory=dict)
    _rejections: dict[Row, Rejection] = field(default_factory=dict)

    def count_entry(self, kind: str) -> None:
        """One entry of kind issue, supersede or correct."""
        name = {"issue": "issued", "supersede": "superseded", "correct": "corrected"}[kind]
        setattr(self, name, getattr(self, name) + 1)

    def mark(self, rows: Iterable[Row], outcome: str) -> None:
        """The rows of an organization had that outcome."""
        for row in rows:
            before = self._outcome.get(row, outcome)
            self._outcome[row] = min(before, outcome, key=_OUTCOMES.index)

    def reject(self, rejections: Iterable[Rejection]) -> None:
        """These rows are not used."""
        for rejection in rejections:
            self._rejections.setdefault(rejection.row, rejection)
            self.mark([rejection.row], "rejected")

    def hold(self, rows: Iterable[Row], item: Held) -> None:
        """The rows of an organization wait: for a person, or (code `future`) for their day."""
        waiting = tuple(rows)
        if waiting or item.timeline is not None:
            self.holds.append((item, waiting))
        self.mark(waiting, "held")

    def leave_out(self, number: str, code: str) -> None:
        """Nothing is issued for an organization, and nobody needs to look."""
        self._not_issued[number] = code

    def flag(self, flags: Iterable[Flag]) -> None:
        """An operator should look at these rows, though they are used."""
        self._flags += flags

    def note_rule_change(self, number: str, planned: tuple[Planned, ...]) -> None:
        """What an older version issued for an organization would be put right so."""
        self._rule_changes[number] = planned

    @property
    def hold_codes(self) -> Counter[str]:
        """How many organizations wait, by the code that says why."""
        return Counter(item.code for item, _ in self.holds)

    @property
    def is_clean(self) -> bool:
        """Whether no row was rejected, and none is held but for its day."""
        is_rejected = "rejected" in self._outcome.values()
        return not is_rejected and all(item.code == FUTURE for item, _ in self.holds)

    def to_json(self) -> dict[str, Any]:
        """The object of `greffe issue --json`."""
        names = [file.name for file in self.extract.files]
        counts = [Counter({"read": file.rows}) for file in self.extract.files]
        for row, outcome in self._outcome.items():
            counts[row.file][outcome] += 1
        rejected = [
            rejection for row, rejection in sorted(self._rejections.items()) if self._outcome[row] == "rejected"
        ]
        total: Counter[str] = sum(counts, Counter())
        rows = _rows(total)
        return {
            "source": self.source,
            "register": self.extract.register,
            "read": rows["read"],
            "unchanged": rows["unchanged"],
            "issued": self.issued,
            "superseded": self.superseded,
            "corrected": self.corrected,
            "revoked": self.revoked,
            "rejected": rows["rejected"],
            "held": rows["held"],
            "organizations": self.organizations,
            "nameless": self.nameless,
            "rows": rows,
            "files": [{"file": name, "rows": _rows(count)} for name, count in zip(names, counts, strict=True)],
            "rejections": [
                {
                    "file": names[rejection.row.file],
                    "line": rejection.row.line,
                    "code": rejection.code,
                    "reason": rejection.reason,
                }
                for rejection in rejected
            ],
            "holds": [
                {
                    "id": item.id,
                    "code": item.code,
                    "register": item.register,
                    "number": item.number,
                    "rows": [{"file": names[row.file], "line": row.line} for row in sorted(waiting)],
                }
                for item, waiting in self.holds
            ],
            "notIssued": [{"number": number, "code": code} for number, code in sorted(self._not_issued.items())],
            "flags": [
                {"file": names[flag.row.file], "line": flag.row.line, "code": flag.code} for flag in sorted(self._flags)
            ],
            "ruleChange": self._rule_change(),
            "unknownColumns": self.extract.unknown_columns,
            "absentColumns": self.extract.absent_columns,
            "trimmedCells": self.extract.trimmed,
            "leftOut": self.extract.left_out,
        }

    def _rule_change(self) -> dict[str, Any] | None:
        """How many organizations and entries older rules signed otherwise, by kind and reason, and a sample; None: none."""
        if not self._rule_changes:
            return None
        every = [credential for planned in self._rule_changes.values() for credential in planned]
        kinds = Counter(f"{credential.kind} {credential.reason or ''}".strip() for credential in every)
        sample = [
            {
                "number": number,
                "entries": [
                    {
                        "kind": credential.kind,
                        "reason": credential.reason,
                        "refers": list(credential.refers or ()),
                        "event": credential.timeline.event,
                        "name": credential.timeline.state.legal_name,
                        "status": credential.timeline.state.register_status,
                    }
                    for credential in planned
                ],
            }
            for number, planned in list(self._rule_changes.items())[:SAMPLE]
        ]
        return {"organizations": len(self._rule_changes), "kinds": dict(sorted(kinds.items())), "sample": sample}


def _rows(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in ("read", "used", "unchanged", "rejected", "held")}
