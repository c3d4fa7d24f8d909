"""What holds for all tests: texts are not fitted to the columns that the environment happens to name."""

import os

os.environ.pop("COLUMNS", None)
