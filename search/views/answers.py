"""A verdict as a person reads it: outcome, whose, what was not checked.

The same answers as `greffe verify` prints (`registry/commands/answers`), in the language of the page. Twin of
`web/static/answers.js`, which takes its words from here. English is the message id; what is filled in stands in braces.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.verify.age import age
from registry.verify.completeness import TYPE
from search.views.days import when
from search.views.wording import FIELDS, PAGE, PANEL, STEPS, _

#: the step that only completeness files have, in the form of `wording.STEPS`
COMPLETE_STEP = (
    "complete",
    _("These are all entries under the number"),
    _("Are these all entries under the number?"),
    _("The ledger’s map has just these entries under the number, or none."),
)
#: what a verdict comes to -> its sentence
OUTCOMES = {
    "newest": _("Genuine, and no newer state has replaced it"),
    "in_force_on": _("Genuine, and in force on {on}"),
    "so_on": _("Genuine, and this was so on {on}"),
    "open": _("Genuine; whether a newer state has replaced it was not checked"),
    "superseded": _("Genuine, but replaced: another state has taken its place"),
    "not_in_force_on": _("Genuine, but not in force on {on}"),
    "corrected": _("Do not rely on it: the register issued it, and has corrected it since"),
    "erased": _("Do not rely on it: the register issued it, and has erased it since"),
    "revoked": _("Do not rely on it: the register issued it, and has revoked it"),
    "suspended": _("Do not rely on it for now: the register issued it, and has suspended it"),
    "failed": _("Do not rely on it: it is not shown to be genuine"),
    "indeterminate": _("Do not rely on it yet: not everything could be checked"),
    "all": _("Proven: all {entries} entries of {number}, {register}, are here"),
    "only": _("Proven: the only entry of {number}, {register}, is here"),
    "absent": _("Proven: nothing is registered under the number {number}, {register}"),
    "not_latest": _("Do not rely on it: more entries have come under this number since"),
}
#: kind of the entry that replaced a state -> what that is
KINDS = {
    "issue": _("a new registration"),
    "supersede": _("a later state"),
    "correct": _("a correction"),
    "erase": _("an erasure"),
}
#: all other words of the answers
WORDS = {
    "name": _("Name"),
    "nobody": _("Whose it is was not shown."),
    "statusSince": _("{status}, since {since}"),
    "inForce": _("In force"),
    "so": _("This state"),
    "validDays": _("Valid"),
    "fromTo": _("from {from} until {until}"),
    "fromAlone": _("from {from}, without an end"),
    "holder": _("Held by"),
    "holderIs": _("{name}, No. {number}, {register}"),
    "notInForce": _("Genuine does not mean in force: the register says “{status}” of this permit."),
    "daysOver": _("Genuine does not mean in force: the last day of this permit was {until}."),
    "soOn": _("Was this so on {on}?"),
    "fromUntil": _("from {from} until {until}, that day not included"),
    "never": _("never: on the day on which it began, {from}, another state took its place"),
    "fromOn": _("from {from}; nothing is known to follow"),
    "fromOpen": _("from {from}; whether anything followed was not shown"),
    "replacedBy": _("Replaced by"),
    "by": _("{what}, {day}: entry {index} of the ledger"),
    "withoutDate": _("without a date"),
    "asked": _("In force on {on}?"),
    "yes": _("Yes"),
    "no": _("No"),
    "notKnown": _("Not known"),
    "notChecked": _("What was not checked"),
    "nothingOpen": _("Nothing of what the trust file asks for."),
    "known": _("Known until {asOf}: of anything later, this cannot tell."),
    "oldDays": _("This file is {n} days old: newer changes are not in it."),
    "oldMonths": _("This file is {n} months old: newer changes are not in it."),
    "oldYears": _("This file is {n} years old: newer changes are not in it."),
    "undated": _("Of which day this speaks is not shown."),
    "askForNewest": _("Ask for evidence of the newest state, or of the day that you need."),
    "askForNewer": _("Ask for a newer proof."),
    "covers": _(
        "This covers the number just as it is written here. The entries of natural persons stand under a pseudonym and are "
        "not covered."
    ),
}
#: what the page says of what was pasted, dropped or chosen, before anything is checked
INPUT = {
    "nothing": _(
        "This is no evidence file and no credential, so there is nothing to judge. "
        "Download the evidence from the organization’s page."
    ),
    "credential": _(
        "This is a credential, or a presentation of some, without the ledger’s proofs, so your browser alone cannot check it. "
        "Ask for the evidence file, or let this server check it: it is then sent there."
    ),
    "tooLarge": _("That is too large to be an evidence file."),
    "empty": _("Paste the text of an evidence file first."),
}
#: where all else held, what these codes come to; what is revoked may also be replaced
_ALONE = ("not_in_force_on", "corrected", "erased", "revoked", "suspended")
_DECIDED = ("passed", "failed", "not_asked")


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """One step: its name for programs, its result, and what a person reads."""

    step: str
    result: str
    name: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers in the page's language. `rows`: term and value; `name`: whose it is, None where that was not shown."""

    verdict: str
    sentence: str
    name: str | None
    rows: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    not_checked: tuple[str, ...]
    steps: tuple[StepAnswer, ...]


def answers(
    verdict: Mapping[str, Any], say: Callable[[str], str], label: Callable[[str, str, str], str], now: datetime
) -> Answers:
    """The answers of a verdict's JSON.

    `say`: a message in the language; `label`: (table, register, code) -> label; `now`: aware.
    """
    reader = _Reader(verdict, say, label, now)
    return Answers(
        verdict=verdict["verdict"],
        sentence=reader.sentence(),
        name=reader.name(),
        rows=tuple(reader.rows()),
        notes=tuple(reader.notes()),
        not_checked=tuple(reader.not_checked()),
        steps=tuple(reader.steps()),
    )


class _Reader:
    def __init__(
        self,
        verdict: Mapping[str, Any],
        say: Callable[[str], str],
        label: Callable[[str, str, str], str],
        now: datetime,
    ) -> None:
        self._verdict, self._say, self._label, self._now = verdict, say, label, now
        self._steps = {step["step"]: step for step in verdict["steps"]}
        self._is_list = verdict.get("type") == TYPE
        self._whose = verdict["organization"]
        self._current = self._steps.get("current", {"result": "not_reached", "code": None})

    def sentence(self) -> str:
        key, proven, as_of = self._outcome(), self._verdict.get("proven") or {}, self._verdict["asOf"]
        register = proven.get("register", "")
        words = self._filled(
            OUTCOMES[key],
            on=self._when(self._verdict["on"]),
            entries=proven.get("entries"),
            number=proven.get("number"),
            register=self._label("register", register, register),
        )
        return f"{words}, {self._say('as of')} {self._when(as_of)}." if as_of else f"{words}."

    def _outcome(self) -> str:
        verdict = self._verdict["verdict"]
        if verdict == "failed":
            return self._failure()
        if verdict != "verified":
            return str(verdict)
        if self._is_list:
            return {0: "absent", 1: "only"}.get(self._verdict["proven"]["entries"], "all")
        if self._verdict["on"] is not None:
            return "so_on" if self._speaks_of_state() else "in_force_on"
        return "newest" if self._current["result"] == "passed" else "open"

    def _failure(self) -> str:
        failed = {name for name, step in self._steps.items() if step["result"] == "failed"}
        if all(step["result"] in _DECIDED for step in self._steps.values()):
            if self._is_list and failed == {"complete"} and self._steps["complete"]["code"] == "not_latest":
                return "not_latest"
            for name, others in (("not_revoked", {"current"}), ("current", set[str]())):
                code = self._steps.get(name, {"code": None})["code"]
                if code in _ALONE and failed <= {name} | others:
                    return str(code)
        return "failed"

    def name(self) -> str | None:
        if self._whose is None:
            return None
        return self._whose["name"] or self._say(PAGE["nameless"])

    def rows(self) -> list[tuple[str, str]]:
        if self._whose is None:
            return []
        register, status = self._whose["register"], self._whose["status"]
        said = self._label("registration_status", register, status) if status else self._say(PAGE["statusUnknown"])
        permit = self._whose.get("permit")
        if permit is not None and status:
            said = self._label("register_status", register, permit["status"])
        rows = [
            (self._say(FIELDS["registrationNumber"]), self._whose["number"]),
            (self._say(FIELDS["register"]), self._label("register", register, register)),
            (
                self._say(FIELDS["registrationStatus"]),
                self._filled(WORDS["statusSince"], status=said, since=self._when(self._whose["since"])),
            ),
        ]
        if permit is not None:
            rows += self._permit_rows(permit)
        by = self._verdict["replacedBy"]
        if self._verdict["inForce"] is not None and self._current["code"] != "corrected":
            words = WORDS["so" if self._speaks_of_state() else "inForce"]
            rows.append((self._say(words), self._in_force(self._verdict["inForce"])))
        if by is not None:
            day = self._when(by["effective"]) or self._say(WORDS["withoutDate"])
            value = self._filled(WORDS["by"], what=self._say(KINDS[by["kind"]]), day=day, index=by["index"])
            rows.append((self._say(WORDS["replacedBy"]), value))
        if self._verdict["on"] is not None:
            rows.append((self._question_on(), self._say(self._answer_on())))
        return rows

    def _permit_rows(self, permit: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Its kind, its days and its holder."""
        days = self._filled(
            WORDS["fromTo" if permit["until"] else "fromAlone"],
            **{"from": self._when(permit["from"]), "until": self._when(permit["until"])},
        )
        holder = permit["holder"]
        register = self._label("register", holder["register"], holder["register"])
        held_by = self._filled(WORDS["holderIs"], name=holder["name"], number=holder["number"], register=register)
        kind = self._label("entity_type", self._whose["register"], permit["kind"])
        return [
            (self._say(FIELDS["entityType"]), kind),
            (self._say(WORDS["validDays"]), days),
            (self._say(WORDS["holder"]), held_by),
        ]

    def _speaks_of_state(self) -> bool:
        """Whether “in force” would not do: a permit may be so or not, and an organization that is gone is nothing in force."""
        return self._whose is not None and ("permit" in self._whose or (self._whose["status"] or "Active") != "Active")

    def _question_on(self) -> str:
        """What is asked of a day: of a permit, or of what is gone, whether its state was so, not whether it was in force."""
        return self._filled(WORDS["soOn" if self._speaks_of_state() else "asked"], on=self._when(self._verdict["on"]))

    def _in_force(self, days: Mapping[str, str | None]) -> str:
        days_said = {name: self._when(day) for name, day in days.items()}
        if days["until"] is not None:
            return self._filled(WORDS["never" if days["from"] == days["until"] else "fromUntil"], **days_said)
        is_known = self._current["result"] == "passed" or self._current["code"] == "not_in_force_on"
        return self._filled(WORDS["fromOn" if is_known else "fromOpen"], **days_said)

    def _answer_on(self) -> str:
        if self._verdict["verdict"] == "verified":
            return WORDS["yes"]
        is_no = self._current["code"] in ("not_in_force_on", "corrected", "erased")
        return WORDS["no" if is_no else "notKnown"]

    def notes(self) -> list[str]:
        verdict, as_of = self._verdict["verdict"], self._verdict["asOf"]
        is_good = verdict in ("verified", "superseded")
        notes = []
        if self._whose is None and not self._is_list:
            notes.append(self._say(WORDS["nobody"]))
        if verdict == "superseded":
            notes.append(self._say(WORDS["askForNewest"]))
        if self._outcome() == "not_latest":
            notes.append(self._say(WORDS["askForNewer"]))
        if self._is_list and is_good:
            notes.append(self._say(WORDS["covers"]))
        if verdict == "verified" and self._whose is not None and "permit" in self._whose:
            notes += self._permit_notes(self._whose["permit"])
        if is_good and (old := age(as_of, self._now)) is not None:
            notes.append(self._filled(WORDS[f"old{old[1].capitalize()}"], n=old[0]))
        if is_good:
            notes.append(self._filled(WORDS["known"], asOf=self._when(as_of)) if as_of else self._say(WORDS["undated"]))
        return notes

    def _permit_notes(self, permit: Mapping[str, Any]) -> list[str]:
        """What a genuine permit does not allow any more: it may be suspended, cancelled or past its days."""
        if self._whose["status"] != "Active":
            status = self._label("register_status", self._whose["register"], permit["status"])
            return [self._filled(WORDS["notInForce"], status=status)]
        day = self._verdict["on"] or (self._verdict["asOf"] or "")[:10]
        is_over = permit["until"] is not None and permit["until"] < day
        return [self._filled(WORDS["daysOver"], until=self._when(permit["until"]))] if is_over else []

    def not_checked(self) -> list[str]:
        on = self._verdict["on"]
        questions = {name: self._say(question) for name, _, question, _ in (*STEPS, COMPLETE_STEP)}
        if on is not None:
            questions["current"] = self._question_on()
        names = [name for name, step in self._steps.items() if step["result"] not in ("passed", "failed")]
        return [questions[name] for name in names] or [self._say(WORDS["nothingOpen"])]

    def steps(self) -> list[StepAnswer]:
        words = {name: (self._say(passed), self._say(asked)) for name, passed, asked, _ in (*STEPS, COMPLETE_STEP)}
        if self._verdict["on"] is not None:
            on = self._when(self._verdict["on"])
            words["current"] = (self._filled(PANEL["heldOn"], on=on), self._filled(PANEL["askedOn"], on=on))
        return [
            StepAnswer(name, step["result"], words[name][step["result"] != "passed"], step["reason"])
            for name, step in self._steps.items()
        ]

    def _when(self, text: str | None) -> str:
        return when(text, self._say)

    def _filled(self, message: str, **values: Any) -> str:
        """The message in the language, with what stands in braces; a value is never read for braces of its own."""
        return self._say(message).format_map({name: str(value) for name, value in values.items()})
