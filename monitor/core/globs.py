"""Which repositories an organisation's globs let in."""

from fnmatch import fnmatchcase

from monitor.core.types import Organization


def is_watched(organization: Organization, name: str) -> bool:
    """Tell whether the organisation's globs let a repository in; they speak of its name without the owner."""
    if not organization.include and not organization.exclude:
        return True
    short_name = name.rpartition("/")[2]
    wanted = not organization.include or any(fnmatchcase(short_name, glob) for glob in organization.include)
    return wanted and not any(fnmatchcase(short_name, glob) for glob in organization.exclude)
