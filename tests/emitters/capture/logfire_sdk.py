# /// script
# dependencies = [
#   "logfire==5.4.0",
#   "anthropic==2.14.0",
#   "genai-prices==0.2.3",
# ]
# ///
# emitter: pydantic-ai, logfire
"""logfire's own instrumentation of Anthropic: what a stream used stands on a record that is written when it has been read."""

import time

from case import case, main

HI = [{"role": "user", "content": "Weather in Paris?"}]


@case
def anthropic_stream():
    import logfire
    from anthropic import Anthropic

    logfire.configure(send_to_logfire=False, console=False, service_name="capture", inspect_arguments=False)
    logfire.instrument_anthropic()
    with Anthropic().messages.stream(model="claude-sonnet-4-5", max_tokens=500, messages=HI) as stream:
        for _ in stream:
            time.sleep(0.01)  # whoever reads a stream does something with it


main()
