"""Reads OpenMetrics text on stdin, strictly, and writes what it says as JSON on stdout.

    [{"name", "type", "unit", "documentation",
      "samples": [{"name", "labels", "value", "timestamp", "exemplar"}]}]

`timestamp` is a number or null; `exemplar` is null or {"labels", "value", "timestamp"}. Values that
JSON has no word for are the strings "NaN", "+Inf" and "-Inf".
"""
import json
import math
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.utils import floatToGoString


def number(value):
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else floatToGoString(value)


def observation(source):
    return {
        "labels": dict(source.labels),
        "value": number(source.value),
        "timestamp": number(source.timestamp),
    }


def sample_as_json(sample):
    exemplar = sample.exemplar and observation(sample.exemplar)
    return {"name": sample.name, **observation(sample), "exemplar": exemplar}


def family_as_json(family):
    return {
        "name": family.name,
        "type": family.type,
        "unit": family.unit,
        "documentation": family.documentation,
        "samples": [sample_as_json(sample) for sample in family.samples],
    }


# Bytes, as text mode would translate line ends before the parser can object to them.
text = sys.stdin.buffer.read().decode("utf-8")
try:
    families = [family_as_json(family) for family in text_string_to_metric_families(text)]
except ValueError as error:
    sys.exit(f"not OpenMetrics: {error}")
json.dump(families, sys.stdout)
