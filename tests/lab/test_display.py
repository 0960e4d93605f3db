import io

from rich.console import Console
from stocktake.support.lab import display

NEWS = [
    {"service": "nova", "stage": "importing", "seconds": 0.5},
    {"service": "nova", "stage": "ready", "seconds": 4.25},
    {"ready": True, "seconds": 4.5},
]


def shown(*, terminal: bool) -> str:
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=60)
    with display.showing(console) as listener:
        for news in NEWS:
            listener(news)
    return text.getvalue()


def test_elsewhere_each_event_is_a_plain_line():
    assert shown(terminal=False).splitlines() == [
        "   0.5 s  nova: importing",
        "   4.2 s  nova: ready",
        "   4.5 s  lab: ready",
    ]


def test_on_a_terminal_a_table_shows_each_service_with_its_seconds():
    text = shown(terminal=True)

    assert "importing" in text
    assert "4.2 s" in text
    assert "✓" in text
