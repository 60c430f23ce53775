"""Issue what was held, as it was shown to whoever approved it.

The timeline is the one that waits on the desk; what the ledger lacks of it is planned anew, so that an approval given twice
issues once.
"""

from issuer.run import corrections, held
from issuer.run.batches import Run, Work
from issuer.run.newest import newest_of
from issuer.run.settling import Settling
from issuer.timeline import plan
from registry.encoding.moment import print_utc
from registry.errors import Conflict, Malformed
from registry.installation.desk import Desk
from registry.installation.office import Office
from registry.ledger.surroundings import Surroundings
from registry.records.records import Records
from schemas import codes

APPROVED = "approved"


def approve(office: Office, items: list[held.Held], by: str, why: str, around: Surroundings) -> tuple[int, list[str]]:
    """Issue what is held: how many credentials, and the numbers of organizations whose newest one is to be revoked.

    Conflict `not_approvable`: nobody knows what to issue, since a row was rejected or too little is told; `held_changed`: it is
    held no more, or otherwise, or somebody has decided or corrected since. Malformed: no credential can say it. Nothing is
    issued of any of them then.
    """
    with office.writing() as ledger, office.desk() as desk:
        register = items[0].register
        work, revokes = [], []
        with office.records() as records:
            records.check_all_places()
            for item in items:
                planned = _planned(records, desk, item)
                if planned.revokes:
                    revokes.append(item.number)
                if planned.planned:
                    work.append(_work(records, item, planned))
        if work:
            Run(office, ledger, register, around).append(work, 1)
        settling = Settling(desk, register)
        for item in items:
            held.decide(desk, item, APPROVED, by, why, print_utc(around.now()))
            if item.timeline is not None:
                settling.stand(item.number, item.timeline)
                settling.wait(item.number, item.timeline)
                if item.number in revokes:
                    settling.vanish(item.number, item.timeline)
        settling.write({item.number for item in items})
        desk.write()
    return sum(len(item.planned) for item in work), revokes


def _planned(records: Records, desk: Desk, item: held.Held) -> plan.Plan:
    if item.timeline is None:
        raise Conflict("not_approvable", f"{item.register}/{item.number} waits for a delivery whose rows are all well")
    if item.code == held.PERSON_UNKNOWN:
        raise Conflict(
            "not_approvable", f"{item.register}/{item.number} may be a person whose entries are there already"
        )
    now = held.find(desk, item.register, item.number)
    if now is None or now.id != item.id:
        raise Conflict("held_changed", f"another delivery of {item.register}/{item.number} has come since")
    if now.status != item.status:
        raise Conflict("held_changed", f"somebody else has decided about {item.register}/{item.number} since")
    correction = corrections.find(desk, item.register, item.number)
    if corrections.overlaid(item.timeline, correction)[0] != item.timeline:
        raise Conflict("held_changed", f"{item.register}/{item.number} was corrected since: deliver it again")
    newest = newest_of(records, item.register, item.number)
    planned = plan.plan(item.timeline, newest, are_rules_new=item.code == plan.RULE_CHANGE)
    if planned.hold is not None and not planned.planned and not planned.revokes:
        reason = (
            f"what is held of {item.register}/{item.number} does not say what is so now: it waits for its whole history"
        )
        raise Conflict("not_approvable", reason)
    refusal = next((credential.judged.refusal for credential in planned.planned if credential.judged.refusal), None)
    if refusal is not None:
        raise Malformed(*refusal)
    return planned


def _work(records: Records, item: held.Held, planned: plan.Plan) -> Work:
    newest = newest_of(records, item.register, item.number)
    states = () if item.timeline is None else item.timeline.states
    is_person = any(codes.is_person(item.register, state.state.entity_type) for state in states)
    salt = None if newest is None else records.org_salt(item.register, item.number, newest.index)
    return Work(item.number, newest, planned.planned, is_person, salt)
