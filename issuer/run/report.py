"""The report of a run: every row ends as used, unchanged, rejected or held."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from issuer.timeline.changes import Extract, Rejection, Row

#: a row that stands in several organizations takes the first of these that any of them says
_OUTCOMES = ("used", "held", "unchanged", "rejected")


@dataclass(slots=True)
class Report:
    """Counts of entries by kind, of organizations, and the outcome of rows."""

    source: str
    extract: Extract
    issued: int = 0
    superseded: int = 0
    corrected: int = 0
    revoked: int = 0
    organizations: int = 0
    nameless: int = 0
    holds: Counter[str] = field(default_factory=Counter)
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

    def hold(self, rows: Iterable[Row], code: str) -> None:
        """The rows of an organization wait for a person, for that reason."""
        waiting = list(rows)
        self.holds[code] += bool(waiting)
        self.mark(waiting, "held")

    @property
    def is_clean(self) -> bool:
        """Whether no row was rejected or held."""
        return not any(outcome in ("rejected", "held") for outcome in self._outcome.values())

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
            "holds": [{"code": code, "organizations": count} for code, count in sorted(self.holds.items()) if count],
            "unknownColumns": self.extract.unknown_columns,
            "leftOut": self.extract.left_out,
        }


def _rows(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in ("read", "used", "unchanged", "rejected", "held")}
