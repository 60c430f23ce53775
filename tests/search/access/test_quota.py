"""What a client may ask for in a minute: counted exactly, given back in time, in bounded memory."""

from search.access.quota import CLIENTS, SCOPES, WINDOW, Policy, Windows, scope_of, units

TEN = Policy("default", 10)


def test_a_quota_is_used_up_and_is_whole_again_when_the_window_ends() -> None:
    windows = Windows()
    left = [windows.take(TEN, "a", 1, 100.0 + second) for second in range(11)]
    assert [each.remaining for each in left] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert [each.is_granted for each in left] == [True] * 10 + [False]
    assert (left[0].seconds, left[10].seconds) == (60, 50)
    assert not windows.take(TEN, "a", 1, 159.9).is_granted
    assert windows.take(TEN, "a", 1, 159.9).seconds == 1
    again = windows.take(TEN, "a", 1, 160.0)
    assert (again.is_granted, again.remaining, again.seconds) == (True, 9, 60)


def test_what_is_refused_takes_nothing_and_a_look_neither() -> None:
    windows = Windows()
    windows.take(TEN, "a", 8, 0)
    assert not windows.take(TEN, "a", 3, 1).is_granted
    assert windows.take(TEN, "a", 0, 1).remaining == 2
    assert windows.take(TEN, "a", 2, 1).is_granted
    assert windows.take(TEN, "b", 0, 1).remaining == 10
    assert len(windows) == 1


def test_what_is_more_than_a_quota_takes_all_of_it_instead_of_never_being_answered() -> None:
    windows = Windows()
    assert windows.take(TEN, "a", 100, 0).remaining == 0
    assert not windows.take(TEN, "a", 1, 1).is_granted


def test_clients_and_policies_are_counted_apart() -> None:
    windows = Windows()
    windows.take(TEN, "a", 10, 0)
    assert windows.take(TEN, "b", 10, 0).is_granted
    assert windows.take(Policy("match", 10), "a", 10, 0).is_granted


def test_a_flood_of_addresses_does_not_grow_what_is_remembered() -> None:
    windows = Windows(most=100)
    windows.take(TEN, "victim", 10, 0)
    for number in range(1000):
        assert windows.take(TEN, f"flood {number}", 1, 1).is_granted, "a newcomer is never refused for it"
        assert len(windows) <= 100
    assert windows.take(TEN, "victim", 1, 2).is_granted, "the oldest window went, and begins anew"
    windows.take(TEN, "later", 1, 61.5)
    assert len(windows) == 1 + 1, "what has ended is forgotten: the victim's second window is not over"
    assert CLIENTS < 100_000


def test_a_list_counts_one_for_each_ten_items() -> None:
    assert [units(count) for count in (0, 1, 10, 11, 100, 1000)] == [1, 1, 1, 2, 10, 100]


def test_what_verifying_needs_is_never_counted() -> None:
    free = (
        *("/en/search", "/fr/organizations/sample/BC1", "/en/verify", "/static/x/y.js", "/", "/verifier.html"),
        *("/checkpoint", "/tile/0/000", "/index/tile/0/000", "/trust.json", "/livez", "/readyz", "/openapi.json"),
        *("/contexts/organization/v1", "/schemas/organization/v1", "/vectors/verify.json", "/.well-known/did.json"),
        *("/issuers/sample/did.json", "/status/revocation/sample-1", "/organizations/sample/BC1"),
        *(
            "/credentials/sample/BC1/1",
            "/credentials/sample/BC1/1/evidence",
            "/api/v1/credentials/sample/BC1/1/evidence",
        ),
        *("/api/v1/proof/inclusion", "/api/v1/proof/organization", "/api/v1/proof/tlog-proof", "/api/v1/codes"),
    )
    assert {scope_of(path) for path in free} == {None}
    counted = ("/api/v1/organizations", "/api/v1/organizations/a/1/history", "/api/v1/match", "/api/v1/verify/batch")
    assert [scope_of(path) for path in counted] == ["search", "search", "match", "verify"]
    assert {scope_of(path) for path in ("/credentials/verify", "/challenges")} == {"verify"}
    assert set(SCOPES) == {"search", "match", "verify"}


def test_the_fields_are_items_of_a_structured_list() -> None:
    for quota, used, at in ((1, 0, 4.765298514268913), (600, 13, 18.2), (10**6, 10**7, 59.999), (7, 7, 5e-324)):
        policy, windows = Policy("default", quota), Windows()
        windows.take(policy, "a", used, 0)
        left = windows.take(policy, "a", 0, at)
        assert str(policy) == f'"default";q={quota};w=60'
        assert str(left) == f'"default";r={max(0, quota - used)};t={left.seconds}'
        assert 1 <= left.seconds <= WINDOW
