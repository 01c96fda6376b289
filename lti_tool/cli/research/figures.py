"""Figures on a terminal and in a picture."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

import click

COLOURS = ("#0b5394", "#a61c00", "#38761d", "#7f6000", "#741b47", "#434343", "#134f5c", "#666666")
WIDTH, HEIGHT, LEFT, TOP, SIDE = 640, 440, 70, 50, 320


def needs_batch_libraries() -> None:
    """Say what to install where numpy and its kin are missing. Raises `click.ClickException`."""
    for name in ("numpy", "numba", "pyarrow"):
        if find_spec(name) is None:
            raise click.ClickException(
                f"This command needs {name}, which a web server does without. "
                "Install the batch libraries: python -m pip install -r requirements/fit.txt"
            )
    # Our matrices are small: with a thread for each core, a fit spends two thirds of its time waiting for them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of text, the first to the left and the others to the right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def with_interval(value: float | None, half: float | None, digits: int = 4) -> str:
    """A figure with the half width of its 95% interval, where there are both."""
    if value is None:
        return "-"
    return f"{value:.{digits}f}" + ("" if half is None else f" ± {half:.{digits}f}")


def line_plot(
    path: Path,
    title: str,
    axes: tuple[str, str],
    lines: Mapping[str, Sequence[tuple[float, float]]],
    *,
    diagonal: bool = False,
    top: tuple[float, float] = (1.0, 1.0),
) -> None:
    """Write an SVG with one line for each name; values go from 0 to `top`. Raises `click.ClickException`."""

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + SIDE * min(1.0, x / top[0]), TOP + SIDE * (1.0 - min(1.0, y / top[1]))

    middle = LEFT + SIDE / 2, TOP + SIDE / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="28" font-size="17">{escape(title)}</text>',
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#444444"/>',
        f'<text x="{middle[0]}" y="{TOP + SIDE + 44}" font-size="14" text-anchor="middle">{escape(axes[0])}</text>',
        f'<text x="20" y="{middle[1]}" font-size="14" text-anchor="middle" '
        f'transform="rotate(-90 20 {middle[1]})">{escape(axes[1])}</text>',
    ]
    for n in range(6):
        (x, y), share = at(n / 5 * top[0], n / 5 * top[1]), n / 5
        parts += [
            f'<text x="{x:.1f}" y="{TOP + SIDE + 20}" font-size="12" text-anchor="middle">{share * top[0]:g}</text>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" font-size="12" text-anchor="end">{share * top[1]:g}</text>',
        ]
    if diagonal:
        (x0, y0), (x1, y1) = at(0, 0), at(*top)
        parts.append(f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#999999" stroke-dasharray="4 4"/>')
    for n, (name, points) in enumerate(lines.items()):
        colour, places = COLOURS[n % len(COLOURS)], [at(x, y) for x, y in points]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        y = TOP + 16 + 22 * n
        parts.append(f'<rect x="{LEFT + SIDE + 24}" y="{y - 10}" width="14" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + SIDE + 46}" y="{y}" font-size="14">{escape(name)}</text>')
    write(path, "\n".join([*parts, "</svg>"]) + "\n")


def needs_folder_of(path: Path | None) -> None:
    """Say before a long run that its result could not be written. Raises `click.ClickException`."""
    if path is not None and not path.absolute().parent.is_dir():
        raise click.ClickException(f"{path} can't be written: there is no folder {path.parent}")


def write(path: Path, text: str) -> None:
    """Write a file. Raises `click.ClickException` with the reason if that fails."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} can't be written: {error.strerror}") from None
