"""Quantiles are those of the list of cases: any filter, any groups, with what came and what went."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgov.analytics.rules import Filter
from gridgov.analytics.store.chosen import chosen
from gridgov.analytics.store.columns import CASES
from gridgov.analytics.store.durations import Measured, quantiles
from gridgov.analytics.store.rows import By, each
from gridgov.auth.rules import EVERYWHERE
from tests.property.analytics.asked import SMALL, filters, holds
from tests.unit.analytics.store.making import make_view, rows_of

VIEW = make_view(CASES, SMALL, seed=11)
ROWS = rows_of(VIEW)
MEASURED: list[Measured] = ["answered", "handled"]


@settings(max_examples=60, deadline=None)
@given(
    filters(CASES.states),
    st.sampled_from(MEASURED),
    st.sampled_from([each("place", len(VIEW.places)), each("agency", 4), By("tier", np.zeros(7, np.int32), 1)]),
    st.floats(0, 1),
)
def test_quantiles_are_those_of_the_list(wanted: Filter, measured: Measured, by: By, share: float) -> None:
    n, (found,) = quantiles(VIEW.segments, chosen(VIEW, wanted), measured, [share], (by,))
    held = holds(VIEW, ROWS, wanted) & (ROWS[measured] >= 0)
    group = by.groups[ROWS[by.column]]
    for cell in range(by.size):
        values = ROWS[measured][held & (group == cell)]
        assert n[cell] == len(values)
        if len(values):
            assert np.isclose(found[cell], np.quantile(values, share, method="linear"), rtol=1e-12)
        else:
            assert np.isnan(found[cell])


def test_of_equal_values_only_as_many_go_as_went() -> None:
    """All take the same time: what is left is counted, not lost with the first that went."""
    view = make_view(CASES, SMALL, seed=12)
    for one in view.segments:
        one.columns["handled"][:] = 60
    n, found = quantiles(view.segments, chosen(view, Filter(reach=EVERYWHERE)), "handled", [0.5, 0.9])
    assert int(n) == view.rows > 0
    assert found.tolist() == [60, 60]
