"""Who acts in the demo city: its accounts where they are posted, and colleagues without a password everywhere else.

Owns whose post it is. Does not own what they do (`plots`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gridgov.auth.rules import Role
from gridgov.cases.rules import Body, By, Place, Standing

Seat = tuple[Role, int | None, int | None]  # role, area, agency
OFFICE: Mapping[str, Role] = {
    "grid": Role.GRID_WORKER,
    "community": Role.COMMUNITY_OFFICER,
    "subdistrict": Role.SUBDISTRICT_LEADER,
    "district": Role.DISTRICT_SUPERVISOR,
}


@dataclass(frozen=True, slots=True)
class Cast:
    """`seats`: (account, post) of who is posted; where nobody is, the office acts and no person is named.

    `under`: every agency with those below it.
    """

    seats: Mapping[Seat, tuple[int, int]]
    under: Mapping[int, frozenset[int]]

    def standing(self, role: Role, *, area: int | None = None, agency: int | None = None) -> Standing:
        account, post = self.seats.get((role, area, agency), (None, None))
        reach = self.under.get(agency, frozenset({agency})) if agency is not None else frozenset()
        return Standing(By(account, post, role, agency, area), reach)

    @property
    def centre(self) -> Standing:
        return self.standing(Role.CENTRE_OPERATOR)

    def worker(self, ground: Place) -> Standing:
        return self.standing(Role.GRID_WORKER, area=ground.areas.get("grid"))

    def unit(self, ground: Place) -> Standing:
        """The leader of the unit: of the sub-district, or who stands for the community where there is none."""
        return self.standing(OFFICE[ground.unit_level], area=ground.unit)

    def supervisor(self, ground: Place) -> Standing:
        return self.standing(Role.DISTRICT_SUPERVISOR, area=ground.areas.get("district"))

    def officer(self, body: Body) -> Standing:
        """Who handles it for a body: an officer of the agency, or the office of the area."""
        if body.agency_id is not None:
            return self.standing(Role.AGENCY_OFFICER, agency=body.agency_id)
        return self.standing(OFFICE[body.level or "community"], area=body.area_id)

    def second(self, body: Body) -> Standing | None:
        """Somebody else of the same body; a community has nobody else."""
        if body.agency_id is not None:
            return self.standing(Role.AGENCY_HEAD, agency=body.agency_id)
        return self.centre if body.level in ("subdistrict", "district") else None
