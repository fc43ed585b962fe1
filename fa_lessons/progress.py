"""One progress bar for everything that takes longer than two seconds."""

import os
import sys

from tqdm.auto import tqdm

from fa_lessons.streams import is_open

NO = ("", "0", "false", "no", "off")


def progress_bar(total, description, unit, shown=True):
    """A bar that vanishes when done, where there is a standard error to show it on.

    TQDM_DISABLE in the environment hides it in notebooks too, unless it says no.
    """
    hidden = os.environ.get("TQDM_DISABLE", "").strip().lower() not in NO
    hidden = hidden or not shown or not is_open(sys.stderr)
    return tqdm(total=total, desc=description, unit=unit, leave=False, disable=hidden)
