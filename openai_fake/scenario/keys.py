"""The keys that files are known by: a scenario's own, and where each form of a recording keeps what it holds."""

VCRPY = "interactions"
RUBY = "http_interactions"
PROXY = "Entries"
PLAIN = "exchanges"

RECORDINGS = {VCRPY: "vcrpy", RUBY: "Ruby VCR", PROXY: "the Azure SDK's test proxy", PLAIN: "the plain form"}
"""Each key, with the name of the form that has it."""

SCENARIO = "scenario"
"""The first key of a scenario, with the version of its format."""
