"""`python -m tests.tui.pictures`: draws the pictures of the dashboard in docs/, from the tests' own district."""

import re
from pathlib import Path

from tests.tui.stage import Stage, play

DOCS = Path(__file__).parents[2] / "docs"


def draw(name: str, *keys: str, size: tuple[int, int] = (120, 40)) -> None:
    """The screen after some keys, as an SVG."""

    async def scene(stage: Stage) -> None:
        await stage.press(*keys)
        svg = stage.app.export_screenshot(title="callchain watch")
        (DOCS / f"{name}.svg").write_text(_with_fonts_at_hand(svg), encoding="utf-8")

    play(scene, size)


def _with_fonts_at_hand(svg: str) -> str:
    """The picture without fonts that would have to be fetched from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "DejaVu Sans Mono").replace(
        "<!-- Generated with Rich https://www.textualize.io -->", ""
    )


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    draw("live-120x40", "down", "down")
    draw("chain-120x40", "down", "down", "enter")
