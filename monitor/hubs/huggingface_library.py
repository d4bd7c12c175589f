"""What we use of huggingface_hub, imported late so that it sends nothing by itself."""

import os
from collections.abc import Callable

import httpx2

from monitor import __version__


def library_headers(token: str | None, contact: str) -> dict[str, str]:
    """Return the headers with which the hub's own client library introduces itself.

    The library reads this variable once, while it is imported; without it, it asks the hub for a list of agents
    and reports usage. `token=False` keeps it from using one that is stored on this machine.
    """
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    return build_hf_headers(
        token=token or False,
        library_name="release-monitor",
        library_version=__version__,
        user_agent=f"contact={contact}" if contact else None,
    )


def bound_the_library(new_client: Callable[[], httpx2.Client]) -> None:
    """Let whatever the library should ever send by itself obey the same bounds.

    Our own requests go through our own client: the library's is one for the whole process, and two hubs in one
    process must not share their quota and their origin.
    """
    from huggingface_hub import set_client_factory

    set_client_factory(new_client)
