"""The command `footfall completion`: what makes a shell complete `footfall`, written by click."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

SHELLS: Final = ("bash", "zsh", "fish")
VARIABLE: Final = "_FOOTFALL_COMPLETE"
"""The environment variable by which a shell asks for completions, as click derives it from the program's name."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the code that makes a shell complete commands, options and files.

    For bash, in ~/.bashrc: eval "$(footfall completion bash)". For zsh, in ~/.zshrc: eval "$(footfall completion zsh)".
    For fish: footfall completion fish >~/.config/fish/completions/footfall.fish.
    """
    completer = get_completion_class(shell)
    assert completer is not None
    click.echo(completer(context.find_root().command, {}, "footfall", VARIABLE).source())
