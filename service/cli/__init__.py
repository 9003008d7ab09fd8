"""The command line: arguments in, exit code out.

Exit codes: 0 all succeeded; 1 some items failed and the output is complete; 2 could not run.
"""

import sys
from collections.abc import Sequence

from service.cli.parser import build_parser
from service.errors import GenomewardError, defect

COULD_NOT_RUN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Results go to standard output, everything else to standard error."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except GenomewardError as error:
        print(f"genomeward: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except BrokenPipeError:
        sys.stderr.close()
        return COULD_NOT_RUN
    except OSError as error:
        print(f"genomeward: the result cannot be written: {error.strerror or error}", file=sys.stderr)
        return COULD_NOT_RUN
    except Exception as error:  # noqa: BLE001 - exit code 1 would say that the output is complete
        print(f"genomeward: {defect(error)}", file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        print("genomeward: interrupted; finished results are kept", file=sys.stderr)
        return COULD_NOT_RUN
