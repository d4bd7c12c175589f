"""Write docs/messages.md: what the monitor says of real episodes, made by its own core from recorded data.

Run: python -m docs.make_messages
"""

from pathlib import Path

from docs.episodes import Episode, episodes
from monitor.core.text import message_text

PAGE = Path(__file__).with_name("messages.md")

HEADER = """# Messages

What the monitor says of real episodes, in order of time. Each message is made by the monitor's own core from recorded
data, by `python -m docs.make_messages`; a test keeps the page current. The text is what a terminal shows; Slack shows
the same with headings, links and, for changes of cadence, a chart: see [the pictures](pictures/README.md).

How to read a message: the **title** says what happened in about ten words. The **line below** says why one should
believe it, or care. Facts, repositories and the sentence on how sure it is follow. "95%" and "80%" are intervals of
[cadence.md](cadence.md), which also says how often such alerts are false.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEADER, *map(_section, episodes())])


def _section(episode: Episode) -> str:
    shown = message_text(episode.message)
    return f"## {episode.title}\n\n{episode.told}\n\n```text\n{shown}\n```\n\n*Source: {episode.source}.*\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
