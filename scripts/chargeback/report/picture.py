"""Draws a report as an SVG picture that loads nothing from anywhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from chargeback.errors import ChargebackError
from chargeback.report.model import Report
from chargeback.report.terminal import print_report

WIDTH = 100
"""Columns of the terminal in the picture."""
TITLE = "chargeback report"

# Light enough that dim text can be read; the eight colours in the terminal's order.
_THEME = TerminalTheme(
    (24, 27, 31),
    (232, 235, 238),
    [
        (24, 27, 31),
        (240, 113, 103),
        (126, 200, 130),
        (233, 196, 106),
        (110, 168, 254),
        (197, 147, 231),
        (102, 204, 204),
        (232, 235, 238),
    ],
)

# Rich's own frame names a font of a public server.
_FRAME = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono",
        "DejaVu Sans Mono", monospace;
    font-size: {char_height}px;
    line-height: {line_height}px;
}}
.{unique_id}-title {{ font: bold 18px system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def as_svg(report: Report, top: int, next_lines: Sequence[str]) -> str:
    """The report as a terminal of 100 columns shows it, in colour whatever the environment says."""
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        highlight=False,
        legacy_windows=False,
    )
    print_report(console, report, top, next_lines)
    drawn = console.export_svg(title=TITLE, theme=_THEME, code_format=_FRAME)
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


def write_svg(path: Path, report: Report, top: int, next_lines: Sequence[str]) -> None:
    """Write the picture. Raises ChargebackError when the file can't be written."""
    content = as_svg(report, top, next_lines)
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ChargebackError(f"cannot write {path}: {error.strerror}") from error
