"""History of other programs as spans: cost logs, LiteLLM's spend logs, Langfuse's exports, sessions of Claude Code and Codex.

`files.py` reads rows, `formats.py` and `transcripts.py` say what those of each format mean, `values.py` what they hold, `telling.py` which
of them telemetry told already, `spans.py` makes OTLP of it, `importing.py` stores it. A row always makes the same span, so it counts once
however often it is imported.
"""

from collector.importing.formats import FORMATS
from collector.importing.importing import Imported, import_files

__all__ = ["FORMATS", "Imported", "import_files"]
