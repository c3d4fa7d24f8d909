"""``python -m yibaolex``."""

from yibaolex.cli import run

run()
