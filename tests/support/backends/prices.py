"""What genai-prices and litellm say that calls cost.

Takes a directory, into which both tables go as JSON, and cases as JSON lines on standard input; answers a line
for each, with dollars by either package, or null where it knows none.
"""

import contextlib
import dataclasses
import datetime
import decimal
import json
import os
import shutil
import sys
import warnings

# It would ask the network for newer prices.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_LOG"] = "CRITICAL"
warnings.simplefilter("ignore")
output = sys.stdout
# Whatever else is printed is none of the answers.
sys.stdout = sys.stderr

import genai_prices
import genai_prices.data
import genai_prices.types
import litellm
import litellm.cost_calculator
import litellm.types.utils

CONTEXTS = {
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}


def plain(value):
    """The published form of a table that the package has as code."""
    if isinstance(value, genai_prices.types.ModelPrice):
        return {key: plain(price) for key, price in vars(value).items() if price is not None}
    if dataclasses.is_dataclass(value):
        fields = ((field.name.rstrip("_"), getattr(value, field.name)) for field in dataclasses.fields(value))
        skipped = ("extractors", "description", "price_comments")
        return {name: plain(field) for name, field in fields if field is not None and name not in skipped}
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def write_tables(directory):
    providers = genai_prices.data.providers
    table = plain(providers)
    # That it is the published form, the package itself says: it reads the same prices from it.
    for read, known in zip(genai_prices.types._providers_from_raw(json.loads(json.dumps(table))), providers, strict=True):
        for read_model, model in zip(read.models, known.models, strict=True):
            assert read_model.prices == model.prices and read_model.match == model.match, model.id
    with open(os.path.join(directory, "genai.json"), "w") as file:
        json.dump(table, file)
    package = os.path.dirname(litellm.__file__)
    shutil.copy(
        os.path.join(package, "model_prices_and_context_window_backup.json"),
        os.path.join(directory, "litellm.json"),
    )


def by_genai_prices(case):
    names = {
        "input": "input_tokens",
        "output": "output_tokens",
        "cache_read": "cache_read_tokens",
        "cache_write": "cache_write_tokens",
        "cache_write_1h": "cache_write_1h_tokens",
        "input_audio": "input_audio_tokens",
        "cache_read_audio": "cache_audio_read_tokens",
        "reasoning": "output_reasoning_tokens",
        "web_searches": "web_searches",
    }
    counts = {names[kind]: count for kind, count in case["usage"].items()}
    found = genai_prices.calc_price(
        genai_prices.Usage(**counts),
        case["model"],
        provider_id=case["genai"],
        genai_request_timestamp=datetime.datetime.fromtimestamp(case["at"], datetime.timezone.utc),
        price_context=CONTEXTS.get(case["tier"]),
    )
    # What a free model has is no price to compare.
    has_prices = any(price is not None for price in vars(found.model_price).values())
    return float(found.total_price) if has_prices else None


def by_litellm(case):
    types = litellm.types.utils
    usage = case["usage"]
    written = usage.get("cache_write", 0)
    long = usage.get("cache_write_1h", 0)
    times = types.CacheCreationTokenDetails(ephemeral_5m_input_tokens=written - long, ephemeral_1h_input_tokens=long)
    audio = usage.get("cache_read_audio", 0)
    given = types.PromptTokensDetailsWrapper(
        cached_tokens=usage.get("cache_read", 0),
        cache_creation_tokens=written,
        cache_creation_token_details=times if long else None,
        audio_tokens=usage.get("input_audio", 0),
        cached_tokens_details={"audio_tokens": audio} if audio else None,
    )
    made = types.CompletionTokensDetailsWrapper(reasoning_tokens=usage.get("reasoning", 0))
    reported = types.Usage(
        prompt_tokens=usage["input"],
        completion_tokens=usage.get("output", 0),
        total_tokens=usage["input"] + usage.get("output", 0),
        prompt_tokens_details=given,
        completion_tokens_details=made,
    )
    about = {"model": case["model"], "custom_llm_provider": case["litellm"]}
    if case["tier"] == "batch":
        return sum(litellm.cost_calculator.batch_cost_calculator(usage=reported, **about))
    tier = None if case["tier"] == "standard" else case["tier"]
    return sum(litellm.cost_per_token(usage_object=reported, service_tier=tier, **about))


def answer(case):
    answers = {}
    for package, price in (("genai", by_genai_prices), ("litellm", by_litellm)):
        answers[package] = None
        if case.get(package) is not None:
            # Neither says in one way that it knows nothing.
            with contextlib.suppress(Exception):
                answers[package] = price(case)
    return answers


write_tables(sys.argv[1])
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), file=output)
