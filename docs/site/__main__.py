"""`make site`: gather the pages, let Sphinx build them into build/site. Nothing is run, nothing asks another host."""

import sys

from sphinx.cmd.build import main as sphinx

from docs.site import build

if __name__ == "__main__":
    try:
        build.gather()
    except OSError as error:
        sys.exit(str(error))
    sys.exit(sphinx(build.ARGUMENTS) or build.finish())
