"""How long a report takes, warm, beside parsing its own HTML. Run: python -m benchmarks.report_page."""

import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser

from service.report.html import render_html
from service.report.status import ReportStatus
from tests.unit.report.everything import everything

LIMIT_SECONDS = 0.030
RUNS = 10


def fastest(action: Callable[[], object]) -> float:
    """CPU seconds of the best of several runs."""
    spent = []
    for _ in range(RUNS):
        start = time.process_time()
        action()
        spent.append(time.process_time() - start)
    return min(spent)


def main() -> int:
    """Print the figure beside the limit; 1 when the limit is exceeded."""
    findings = everything()
    page = render_html(findings, status=ReportStatus())
    best = fastest(lambda: render_html(findings, status=ReportStatus()))
    parsing = fastest(lambda: HTMLParser().feed(page))
    print(
        f"report of {len(page) / 1e3:.0f} kB: {best * 1e3:.1f} ms CPU (limit {LIMIT_SECONDS * 1e3:.0f} ms; "
        f"{best / parsing:.1f} times parsing the page)"
    )
    return int(best > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
