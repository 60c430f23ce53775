"""Names that a person cannot tell apart look alike; names that differ to the eye do not."""

import pytest

from issuer.timeline.looks import look, mixes_scripts


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ACME LTD.", "Acme Ltd"),
        ("АСМЕ LTD.", "ACME LTD."),
        ("ΝΟΚΙΑ INC.", "NOKIA INC."),
        ("Crémerie d’Été", "CREMERIE D'ETE"),
        ("Paypa1 Inc.", "PAYPAI INC."),
        ("R0YAL BANK", "Royal Bank"),
        ("Big-Sky Ltd.", "BigSky Ltd."),
        ("ＡＣＭＥ ＬＴＤ．", "Acme Ltd."),
    ],
)
def test_names_that_look_alike(name: str, other: str) -> None:
    assert look(name) == look(other) != ""


@pytest.mark.parametrize(
    ("name", "other"), [("Acme Ltd.", "Acne Ltd."), ("101 B.C. Ltd.", "102 B.C. Ltd."), ("東京", "京都")]
)
def test_names_that_do_not(name: str, other: str) -> None:
    assert look(name) != look(other)


@pytest.mark.parametrize(
    ("name", "mixes"),
    [
        *(("PАYPAL INC.", True), ("Αcme Ltd.", True), ("Αcme", True)),
        *(
            ("ООО Acme", False),
            ("Acme Ltd.", False),
            ("Ʉəɬi θəθən Society", False),
            ("λiác̓i Ltd.", False),
            ("カフェABC", False),
        ),
    ],
)
def test_a_word_of_several_scripts(name: str, mixes: bool) -> None:
    assert mixes_scripts(name) is mixes
