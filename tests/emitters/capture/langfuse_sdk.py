# /// script
# dependencies = [
#   "langfuse==5.0.4",
#   "openai==3.54.0",
#   "langchain==1.4.7",
#   "langchain-openai==1.7.3",
# ]
# ///
# emitter: Langfuse
"""Langfuse's SDK: observations by hand, the drop-in OpenAI client, the LangChain callback."""

import os

from case import SINK, case, main

HI = [{"role": "user", "content": "Weather in Paris?"}]
os.environ |= {"LANGFUSE_PUBLIC_KEY": "pk-lf-made-up", "LANGFUSE_SECRET_KEY": "sk-lf-made-up", "LANGFUSE_HOST": SINK}


@case
def manual():
    """A generation with Langfuse's disjoint buckets, inside an agent, for a user of a team."""
    from langfuse import get_client, propagate_attributes

    langfuse = get_client()
    with (
        langfuse.start_as_current_observation(name="planner", as_type="agent"),
        propagate_attributes(user_id="ada", session_id="s-1", metadata={"team": "support"}, tags=["project:helpdesk"], trace_name="help"),
        langfuse.start_as_current_observation(name="answer", as_type="generation", model="claude-sonnet-4-5") as generation,
    ):
        usage = {"input": 100, "input_cache_read": 2000, "input_cache_creation": 350, "output": 200, "total": 2650}
        generation.update(usage_details=usage, output="It is sunny.")
    langfuse.flush()


@case
def reported_cost():
    from langfuse import get_client

    langfuse = get_client()
    with langfuse.start_as_current_observation(name="answer", as_type="generation", model="in-house-7b") as generation:
        generation.update(usage_details={"input": 100, "output": 10}, cost_details={"input": 0.001, "output": 0.0002, "total": 0.0012})
    langfuse.flush()


@case
def openai_chat():
    from langfuse import get_client
    from langfuse.openai import OpenAI

    OpenAI().chat.completions.create(model="gpt-4o", messages=HI)
    get_client().flush()


@case
def openai_responses():
    from langfuse import get_client
    from langfuse.openai import OpenAI

    OpenAI().responses.create(model="gpt-5", input="Weather in Paris?")
    get_client().flush()


@case
def openai_embeddings():
    from langfuse import get_client
    from langfuse.openai import OpenAI

    OpenAI().embeddings.create(model="text-embedding-3-small", input="Paris")
    get_client().flush()


@case
def langchain_agent():
    from langchain.agents import create_agent
    from langchain_openai import ChatOpenAI
    from langfuse import get_client
    from langfuse.langchain import CallbackHandler

    def weather(city: str) -> str:
        """Weather of a city."""
        return f"Sun in {city}"

    agent = create_agent(ChatOpenAI(model="gpt-4o"), [weather], name="planner")
    agent.invoke({"messages": HI}, config={"callbacks": [CallbackHandler()]})
    get_client().flush()


main()
