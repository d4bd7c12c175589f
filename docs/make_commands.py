"""Write docs/commands.md: every command with its options, as the program itself explains them.

Run: python -m docs.make_commands
"""

from collections.abc import Iterator
from pathlib import Path

import click

from monitor.cli import cli

PAGE = Path(__file__).with_name("commands.md")

HEADER = """# Commands

Made from the program's own help by `python -m docs.make_commands`; a test keeps it current.

Stdout holds the result alone; progress, logs and complaints go to stderr. Exit code: 0 done, 1 something failed (said
on stderr, one line each), 2 wrong usage or configuration. The fields of JSON and CSV are in [json.md](json.md).
"""


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """Walk the tree: each command with the context in which it is called, the outermost first."""
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if inner := command.get_command(context, name):
                yield from commands(inner, click.Context(inner, info_name=name, parent=context))


def page() -> str:
    """Return the whole page."""
    root = click.Context(cli, info_name="release-monitor")
    return "\n".join([HEADER, *(_section(*each) for each in commands(cli, root))])


def _section(command: click.Command, context: click.Context) -> str:
    arguments = [each.metavar or str(each.name).upper() for each in command.params if _is_argument(each)]
    options = [each for each in command.params if isinstance(each, click.Option)]
    text = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    text = text.replace(" Example: ", "\n\nExample: ")
    lines = [f"## {' '.join([context.command_path, *arguments])}", "", text, ""]
    if options:
        lines += ["| option | |", "|---|---|", *(_row(option) for option in options), ""]
    return "\n".join(lines)


def _is_argument(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Argument)


def _row(option: click.Option) -> str:
    names = ", ".join(option.opts)
    default = f"[default: {option.default}]" if option.show_default and option.default is not None else ""
    cells = (f"`{names}{_value(option)}`", f"{option.help or ''} {default}".strip())
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _value(option: click.Option) -> str:
    """Say what the option takes; in our own words, as click's change from version to version."""
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return f" {'|'.join(option.type.choices)}"
    return f" {option.metavar or option.type.name.removesuffix(' range').upper()}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
