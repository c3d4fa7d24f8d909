"""``python -m yibaolex``."""

import sys

from yibaolex.cli import main

sys.exit(main())
