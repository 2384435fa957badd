"""An agent on the Langfuse SDK, set up by its environment variables alone."""

from __future__ import annotations

from langfuse import get_client, propagate_attributes

from tests.e2e.agents.telling import tell


def main() -> None:
    client = get_client()
    told = {"signed_in": client.auth_check()}
    with (
        client.start_as_current_observation(name="support-agent", as_type="agent", input="who am I?") as root,
        propagate_attributes(user_id="ada", session_id="s1", metadata={"team": "support"}, trace_name="ticket"),
        client.start_as_current_observation(
            name="answer",
            as_type="generation",
            model="gpt-4o-mini-2024-07-18",
            input=[{"role": "user", "content": "who am I?"}],
            output="Ada",
            usage_details={"input": 1000, "output": 100, "input_cache_read": 1000},
        ),
    ):
        pass
    client.shutdown()
    tell(trace=root.trace_id, **told)


if __name__ == "__main__":
    main()
