"""`python -m service.cli` is `genomeward`."""

import sys

from service.cli import main

sys.exit(main())
