"""One progress bar for everything that takes longer than two seconds."""

import os

from tqdm.auto import tqdm


def progress_bar(total, description, unit, shown=True):
    """A bar that vanishes when done. TQDM_DISABLE in the environment hides it in notebooks too."""
    return tqdm(
        total=total, desc=description, unit=unit, leave=False, disable=not shown or "TQDM_DISABLE" in os.environ
    )
