"""Text that lost letters on its way is told from text that is merely rare."""

import pytest

from issuer.timeline.text import text_fault

DAMAGED = [
    "FranÃ§ais Ltd.",
    "CafÃ© LtÃ©e",
    "Ã‰COLE DU NORD",
    "HÃ”TEL DU NORD",
    "Lâ€™Atelier",
    "Widgetâ„¢ Inc.",
    "Club Franï¿½ais",
    "Ø®ÙŠØ§Ù„",
    "æ—¥æœ¬ Ltd.",
    "Dorrin &AMP; Vale",
    "Dorrin &Amp; Vale",
    "&EACUTE;COLE DU NORD",
    "Dorrin &amp Vale",
    "&eacute cole",
    "A&nbspB Ltd.",
]
WELL = [
    "SÃO PAULO",
    "MAÇÃ™ LTD.",
    "IRMÃ – FILHOS",
    "JOSÉ® LTD.",
    "CAFÉ’S BAR",
    "“Le Café”…",
    "VIÑEDOS DEL SUR",
    "ÂGE D’OR",
    "R&D; LAB",
    "AT&T CO.",
    "PRINT&COPY LTD.",
    "STOP&SHOP",
    "GUITAR&AMPLIFIER LTD.",
    "SMITH & CO; LTD.",
]


@pytest.mark.parametrize("text", DAMAGED)
def test_text_that_was_read_or_written_for_another_program_is_damaged(text: str) -> None:
    for kind in ("name", "text"):
        fault = text_fault(kind, text)
        assert fault is not None
        assert fault[0] == "text_damaged"


@pytest.mark.parametrize("text", WELL)
def test_rare_text_is_not_damaged(text: str) -> None:
    assert text_fault("name", text) is None
