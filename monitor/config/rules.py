"""What a single value in the files may be: plain checks that raise ValueError("wrong; remedy")."""

import re
from collections.abc import Iterable
from datetime import timedelta
from difflib import get_close_matches

from monitor.config.model import HUBS, Charts
from monitor.core.routing import Mode

_KEY = re.compile(r"[a-z0-9][a-z0-9-]*")
_ACCOUNTS = {
    # Word characters at both ends, at most 96 in all. Source: huggingface_hub.utils.validate_repo_id.
    "huggingface": re.compile(r"(?!.*(?:--|\.\.))[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"),
    # Letters, digits and hyphens, at most 39 in all; old accounts have two hyphens in a row or one at the end, those
    # that a company manages an underscore. Source: docs.github.com, "Username considerations for external
    # authentication".
    "github": re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}"),
}
# Where a hub states no rule: whatever can stand in an address between two slashes.
_ANY_ACCOUNT = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}")
# What stands before the account in the address of its page.
_PAGES = frozenset({"orgs", "organization", "organizations", "users", "profile", "models"})
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_LOOSE_DURATION = re.compile(r"([0-9]+)\s*(s|m|h|d)(?:ec|econd|in|inute|our|r|ay)?s?", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST_GLOB = 200
_LONGEST_NAME = 80

# ISO 3166-1 alpha-2, the officially assigned codes.
_COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
    IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE
    YT ZA ZM ZW
    """.split()
)


def suggestion(word: str, choices: Iterable[str]) -> str:
    """Return "; did you mean `x`?" for the nearest choice, "" where none is near."""
    by_folded = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(word.casefold(), by_folded, n=1)
    return f"; did you mean `{by_folded[near[0]]}`?" if near else ""


def slug(text: str) -> str:
    """Return the valid key that is nearest to the text, "" where it has no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


def check_key(key: str) -> str:
    """Return the key of an organisation or group."""
    if _KEY.fullmatch(key):
        return key
    remedy = f"; did you mean `{slug(key)}`?" if slug(key) else ""
    raise ValueError(f"{shown(key)} is no key: lower-case letters, digits and hyphens only{remedy}")


def check_group(group: str) -> str:
    """Return the name of a group; "organization" and "country" are groupings of their own."""
    if group in ("organization", "country"):
        raise ValueError(f"`{group}` is always there to group by; choose another name for a group of yours")
    return check_key(group)


def check_name(name: str) -> str:
    """Return the name of an organisation as people read it."""
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ValueError(f"must be 1 to {_LONGEST_NAME} printable characters")
    return name


def check_country(code: str) -> str:
    """Return an ISO 3166-1 alpha-2 code."""
    if code in _COUNTRIES:
        return code
    meant = "GB" if code.upper() == "UK" else code.upper()
    remedy = f"did you mean `{meant}`?" if meant in _COUNTRIES else "write two capital letters such as `CN`"
    raise ValueError(f"{shown(code)} is no ISO 3166-1 alpha-2 country code; {remedy}")


def parse_address(value: object) -> tuple[str, int]:
    """Return the host and the port at which pages are served, of a text such as "127.0.0.1:8080"."""
    example = 'write "127.0.0.1:8080", or "0.0.0.0:8080" to be reached from elsewhere'
    host, separator, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    bare = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not separator or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 <= int(port) <= 65535:
        raise ValueError(f"{shown(value)} is no address with a port; {example}")
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", bare) or (":" in bare) != host.startswith("["):
        raise ValueError(f"{shown(value)} names no host; {example}")
    return bare, int(port)


def check_public_url(text: str) -> str:
    """Return the address at which readers find the pages, without a slash at its end."""
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?", text):
        raise ValueError(
            f"{shown(text)} is no address of a site; write https://models.example.org, without a path"
        )
    return text.rstrip("/")


def check_account(name: str, hub: str = HUBS[0]) -> str:
    """Return the name of an account on a hub."""
    rule = _ACCOUNTS.get(hub, _ANY_ACCOUNT)
    if rule.fullmatch(name):
        return name
    meant = _account_in(name)
    remedy = f"; did you mean `{meant}`?" if rule.fullmatch(meant) else ""
    raise ValueError(
        f"{shown(name)} is no account name (the part of a repository's name before the `/`){remedy}"
    )


def _account_in(text: str) -> str:
    """Return what the account is in an address or the name of a repository, "" where nothing is."""
    bare = text.strip().removeprefix("https://").removeprefix("http://").strip("/@")
    parts = [part for part in bare.split("/") if part]
    if len(parts) > 1 and "." in parts[0]:  # the host of an address
        parts = parts[1:]
    if len(parts) > 1 and parts[0] in _PAGES:
        parts = parts[1:]
    return parts[0] if parts else ""


def check_glob(pattern: str) -> str:
    """Return a glob on the name of a repository without its owner."""
    if not pattern.strip() or not pattern.isprintable() or len(pattern) > _LONGEST_GLOB:
        raise ValueError(f"{shown(pattern)} is no glob: 1 to {_LONGEST_GLOB} printable characters")
    if "/" in pattern:
        remedy = pattern.rpartition("/")[2] or "*"
        raise ValueError(
            f"{shown(pattern)} never fits: globs see the name without owner; write {shown(remedy)}"
        )
    if re.sub(r"\[!?\]?[^\]]*\]", "", pattern).count("["):
        raise ValueError(
            f"{shown(pattern)} opens a `[` that it does not close; write `[[]` for the character"
        )
    return pattern


def parse_duration(value: object) -> timedelta:
    """Read "30s", "10m", "6h" or "7d"."""
    if isinstance(value, str) and (match := _DURATION.fullmatch(value)):
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    raise ValueError(f"{shown(value)} is no duration; {_duration_remedy(value)}")


def _duration_remedy(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return f'a unit is missing: write "{value}s", "{value}m", "{value}h" or "{value}d"'
    if isinstance(value, str) and (match := _LOOSE_DURATION.fullmatch(value.strip())):
        return f'did you mean "{match[1]}{match[2].lower()}"?'
    return 'write one number and one unit: "30s", "10m", "6h" or "7d"'


def parse_every(value: object) -> timedelta | None:
    """Read how often to poll: "auto" (None) or a duration from one second to 30 days."""
    if value == "auto":
        return None
    every = parse_duration(value)
    if not timedelta(seconds=1) <= every <= timedelta(days=30):
        raise ValueError(f'{shown(value)} is out of bounds; write "auto", or "1s" to "30d"')
    return every


def parse_newest_every(value: object) -> timedelta | None:
    """Read how often to ask for a hub's newest: "off" (None) or a duration from five seconds to a day."""
    if value == "off":
        return None
    every = parse_duration(value)
    if not timedelta(seconds=5) <= every <= timedelta(days=1):
        raise ValueError(f'{shown(value)} is out of bounds; write "5s" to "1d", or "off"')
    return every


def parse_settle(value: object) -> timedelta:
    """Read how long a launch may settle: up to a day."""
    settle = parse_duration(value)
    if settle > timedelta(days=1):
        raise ValueError(f'{shown(value)} is too long; write "0s" to "1d"')
    return settle


def parse_mode(value: object) -> Mode:
    """Read "each", "digest" or "off"."""
    if isinstance(value, str) and value in list(Mode):
        return Mode(value)
    raise ValueError(f'must be "each", "digest" or "off", not {shown(value)}')


def parse_charts(value: object) -> Charts:
    """Read "native", "png" or "off"."""
    if isinstance(value, str) and value in list(Charts):
        return Charts(value)
    raise ValueError(f'must be "native", "png" or "off", not {shown(value)}')


def shown(value: object) -> str:
    """Return a value from a file as it may be shown: short, on one line."""
    text = f"`{printable(value)}`" if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"


def printable(text: str) -> str:
    """Return the text with `?` for line breaks and whatever else would disturb a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
