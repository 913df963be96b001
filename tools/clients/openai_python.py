"""OpenAI's client for Python, as it is."""

import os

import openai

QUESTION = [{"role": "user", "content": "How many months of runway should we raise for?"}]
COUNCIL = "council/finance"

client = openai.OpenAI(base_url=f"{os.environ['WITAN_URL']}/v1", api_key=os.environ["WITAN_KEY"])


def refused(kind, code, **request):
    """Asserts that a request fails as this exception with this code."""
    try:
        client.with_options(max_retries=0).chat.completions.create(**request)
    except kind as error:
        assert error.code == code, error
        assert error.message, "it says why"
    else:
        raise AssertionError(f"{kind.__name__} was to be raised for {request}")


def whole(model):
    """A whole answer, with what it took."""
    answer = client.chat.completions.create(model=model, messages=QUESTION)
    assert answer.object == "chat.completion" and answer.model == model, answer
    assert answer.choices[0].finish_reason == "stop" and answer.choices[0].message.content, answer
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0, answer


def streamed(model):
    """The words as they come, and the usage at the end."""
    wishes = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(client.chat.completions.create(model=model, messages=QUESTION, **wishes))
    words = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert len(words) > 3, chunks
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop", chunks[-2]
    assert chunks[-1].usage.completion_tokens > 0, chunks[-1]
    with client.chat.completions.stream(model=model, messages=QUESTION) as stream:
        assert stream.get_final_completion().choices[0].message.content


models = [model.id for model in client.models.list()]
plain = [model for model in models if not model.startswith("council/")]
assert COUNCIL in models and plain, models
for model in (COUNCIL, plain[0]):
    whole(model)
    streamed(model)
refused(openai.NotFoundError, "model_not_found", model="council/nobody", messages=QUESTION)
refused(openai.BadRequestError, "validation.failed", model=plain[0], messages=[{"role": "nobody", "content": "x"}])
client = client.with_options(api_key="wk_nothing")
refused(openai.AuthenticationError, "invalid_api_key", model=COUNCIL, messages=QUESTION)
