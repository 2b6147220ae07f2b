"""The stages that most matters of the demo city go through: filed, sent, received, answered, checked, closed.

Owns these. Does not own which stages a matter goes through (`plots`, `whistles`).
"""

from __future__ import annotations

from gridgov.cases.rules import Action, Body, Standing
from gridgov.interop.democases.life import Life, Over

OUTSIDE = {"why": "other-channel", "where": "请向消费者协会或相关行业主管部门反映"}


def file_it(life: Life) -> None:
    """Seen on site where others reported it, then filed."""
    centre = life.cast.centre
    facts = {"condition": True}
    if life.file.channel in ("hotline", "mini-program", "sensor"):
        if life.chance(0.75 if life.last else 0.3):
            life.wait(4)
            life.do(centre, Action.ASK_VERIFICATION)
            life.wait(14)
            found = life.chance(0.96)
            life.do(life.cast.worker(life.ground), Action.VERIFY, facts={"found": found})
            if not found:
                life.wait(3)
                return refuse(life)
        else:
            facts["waived"] = True
    life.wait(6)
    life.do(centre, Action.ACCEPT, facts=facts)


def refuse(life: Life) -> None:
    if life.file.channel == "deputy":
        life.do(life.cast.centre, Action.REPLY)
    life.do(life.cast.centre, Action.REFUSE, facts={"redirect": OUTSIDE})


def send(life: Life, to: Body | None = None) -> None:
    """Dispatched to who holds the duty; where nobody does, the district rules."""
    life.wait(5)
    if life.bodies:
        life.do(life.cast.centre, Action.DISPATCH, to=to or life.bodies[0])
    else:
        ruled(life, life.cast.centre)


def ruled(life: Life, who: Standing) -> None:
    life.do(who, Action.DISPUTE)
    life.linger()
    life.office(3)
    to = Body(agency_id=life.pick(life.world.departments)[0])
    life.do(life.cast.supervisor(life.ground), Action.RULE, to=to)


def receive(life: Life) -> None:
    life.office(0.6)
    life.do(life.cast.officer(life.holder), Action.RECEIVE)


def answer(life: Life, usual: float = 0.45) -> None:
    """Done within the limit, mostly; where the item has a risk point, a second person looks first."""
    life.use("handle", usual=usual)
    officer = life.cast.officer(life.holder)
    second_look(life, officer, life.holder)
    life.do(officer, Action.ANSWER)


def second_look(life: Life, who: Standing, body: Body) -> None:
    """What a risk point of the item asks for; where there is nobody else, the matter waits."""
    if not life.file.risks or life.file.approved:
        return
    life.do(who, Action.ASK_APPROVAL)
    second = life.cast.second(body)
    if second is None:
        raise Over
    life.office(0.5)
    life.do(second, Action.APPROVE)
    life.wait(10)


def end(life: Life) -> None:
    """Checked on site or at the desk, and closed."""
    centre = life.cast.centre
    life.wait(9)
    if life.chance(0.4 if life.last else 0.2):
        life.do(centre, Action.ASK_CHECK)
        life.wait(14)
        life.do(life.cast.worker(life.ground), Action.PASS_CHECK)
    else:
        life.do(centre, Action.CHECK_AT_DESK)
    if life.file.channel == "deputy":
        life.office(1)
        life.do(centre, Action.REPLY)
    life.wait(30)
    life.do(centre, Action.CLOSE, facts={"condition": True})
