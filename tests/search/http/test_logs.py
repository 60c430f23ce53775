"""The log: so many records of one place, and no control character of a client's."""

import io
import logging

from search.http.logs import OneLine, Sparse


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def logger_to(text: io.StringIO, clock: Clock) -> logging.Logger:
    logger = logging.Logger("test")
    handler = logging.StreamHandler(text)
    handler.addFilter(Sparse(3, 60, clock))
    handler.setFormatter(OneLine("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    return logger


def test_a_place_logs_so_often_in_a_minute() -> None:
    text, clock = io.StringIO(), Clock()
    logger = logger_to(text, clock)
    for number in range(1000):
        logger.warning("%d", number)
        logger.error("other %d", number)
    assert len(text.getvalue().splitlines()) == 6


def test_the_silence_is_counted() -> None:
    text, clock = io.StringIO(), Clock()
    logger = logger_to(text, clock)
    for number in range(2):
        clock.now = 60.0 * number
        for _ in range(10):
            logger.warning("late")
    assert text.getvalue().splitlines()[3] == "WARNING late (7 more were not logged)"


def test_no_client_writes_a_line_or_speaks_to_the_terminal() -> None:
    text = io.StringIO()
    logger = logger_to(text, Clock())
    logger.error("GET /a\r\nERROR forged \x1b[31m \x9b31m \u202e %s", "\u2028z\x00")
    try:
        raise ValueError("what\x1b[2J")
    except ValueError:
        logger.exception("here")
    lines = text.getvalue().splitlines()
    assert lines[0] == "ERROR GET /a\\r\\nERROR forged \\x1b[31m \\x9b31m \\u202e \\u2028z\\x00"
    assert lines[1:3] == ["ERROR here", "  Traceback (most recent call last):"]
    assert lines[-1] == "  ValueError: what\\x1b[2J"
