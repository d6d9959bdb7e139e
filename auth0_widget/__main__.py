"""``python -m auth0_widget``: the command, where no script directory is on the PATH."""

import sys

from auth0_widget.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
