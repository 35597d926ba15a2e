"""The headers of the reporter's site and of the desk (every page of both is checked to have all of them)."""

from __future__ import annotations

import pytest

from admin.desk.web import headers as desk
from portal.edge import headers as portal
from templates.policy import DENIED_FEATURES

SITES = {"portal": dict(portal.HEADERS), "desk": dict(desk.HEADERS)}


@pytest.mark.parametrize("site", SITES)
def test_no_page_may_use_a_feature_of_the_browser(site: str) -> None:
    policy = SITES[site]["Permissions-Policy"].split(", ")
    assert policy == [f"{feature}=()" for feature in DENIED_FEATURES]
    # Each of these was once denied by one of the two sites only.
    assert {"bluetooth=()", "web-share=()", "local-fonts=()", "window-management=()"} <= set(policy)
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(policy)


def test_the_features_are_sorted_and_named_once() -> None:
    assert list(DENIED_FEATURES) == sorted(set(DENIED_FEATURES))


def test_the_two_sites_differ_only_where_the_desk_says_why() -> None:
    assert SITES["portal"].keys() == SITES["desk"].keys()
    differing = {name for name, value in SITES["portal"].items() if SITES["desk"][name] != value}
    assert differing == {"Content-Security-Policy", "Referrer-Policy"}
