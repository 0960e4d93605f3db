"""Shows the start of a lab: a live table on a terminal, a line for each event elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text
from stocktake.support.lab.client import News
from stocktake.support.waiting import SYSTEM_CLOCK

READY = "ready"


@contextmanager
def showing(console: Console) -> Iterator[Callable[[News], None]]:
    """A listener for `stocktake.support.lab.client.start` that shows each event on the console."""
    if not console.is_terminal:
        yield lambda news: console.print(line(news), markup=False, highlight=False, soft_wrap=True)
        return
    rows: dict[str, News] = {}
    with Live(console=console, transient=True) as live:

        def show(news: News) -> None:
            rows[news.get("service", "lab")] = {"stage": READY, **news}
            live.update(_table(rows), refresh=True)

        yield show


def stages_of(service: str, listener: Callable[[News], None]) -> Callable[[str], None]:
    """A function that tells the listener a stage of a service, with the seconds since now."""
    began = SYSTEM_CLOCK.now()

    def tell(stage: str) -> None:
        listener({"service": service, "stage": stage, "seconds": SYSTEM_CLOCK.now() - began})

    return tell


def line(news: News) -> str:
    """One event as a line of text, with the seconds since the start."""
    return f"{news['seconds']:6.1f} s  {news.get('service', 'lab')}: {news.get('stage', READY)}"


def _table(rows: dict[str, News]) -> Table:
    table = Table.grid(padding=(0, 1))
    for service, news in rows.items():
        ready = news["stage"] == READY
        table.add_row(
            Text("✓", style="green") if ready else Spinner("dots"),
            service,
            Text(news["stage"], style="green" if ready else "dim"),
            Text(f"{news['seconds']:.1f} s", justify="right"),
        )
    return table
