"""Paths on the command line."""

import typer

from fa_lessons import files


def user_path(word):
    """`files.user_path` of a word on the command line, which says what is wrong with one that is no path."""
    try:
        return files.user_path(word)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
