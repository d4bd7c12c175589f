"""Which repositories an organisation's globs let in."""

from fnmatch import fnmatchcase

from monitor.core.types import Organization


def is_watched(organization: Organization, name: str) -> bool:
    """Tell whether the organisation's globs let a repository in; they speak of its name without the owner."""
    if not organization.include and not organization.exclude:
        return True
    wanted = not organization.include or any(fits(name, glob) for glob in organization.include)
    return wanted and not any(fits(name, glob) for glob in organization.exclude)


def fits(name: str, glob: str) -> bool:
    """Tell whether a repository's name without its owner, which may stand before it, fits a glob."""
    return fnmatchcase(name.rpartition("/")[2], glob)
