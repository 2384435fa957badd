"""Runs commands of `spanledger` one after another: to start Python for each takes longer than what most of them do.

Reads a JSON array of argument lists from standard input; prints for each its exit code, standard output and standard error.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from unittest.mock import patch

from collector.cli import main


def one(arguments: list[str]) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    printed = BytesIO()  # a file is printed as the bytes that it is
    text = TextIOWrapper(printed, "utf-8", newline="", write_through=True)
    with patch.object(sys, "argv", ["spanledger", *arguments]), redirect_stdout(text), redirect_stderr(StringIO()) as err:
        try:
            main()
        except SystemExit as end:
            code = end.code
    return int(code or 0), printed.getvalue().decode(), err.getvalue()


if __name__ == "__main__":
    sys.stdout.write(json.dumps([one(arguments) for arguments in json.load(sys.stdin)]))
