"""How we introduce ourselves to the Hugging Face Hub: as its own client library does, and without its own requests."""

import os

from monitor import __version__


def library_headers(token: str | None, contact: str | None = None) -> dict[str, str]:
    """Return the headers of huggingface_hub's own requests: our name and contact, its version, the token if any.

    The library reads this variable once, while it is imported; without it, it asks the hub for a list of agents
    and reports usage. `token=False` keeps it from using a token that is stored on this machine.
    """
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    return build_hf_headers(
        token=token or False,
        library_name="release-monitor",
        library_version=__version__,
        user_agent=f"contact={contact}" if contact else None,
    )
